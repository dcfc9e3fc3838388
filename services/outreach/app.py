"""Outreach as a value."""

from libs.chassis import afspraken
from libs.chassis.service import Service
from services.outreach.api import router
from services.outreach.views import WERKVOORRAAD

service = Service(
    name="outreach",
    router=router,
    reactions=lambda runtime: [afspraken.reaction("outreach")],
    views=(WERKVOORRAAD,),
    opens=True,
)
