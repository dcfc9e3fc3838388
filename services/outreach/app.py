"""Outreach as a value."""

from libs.chassis.service import Service
from services.outreach.api import router
from services.outreach.handlers import reactions
from services.outreach.views import WERKVOORRAAD

service = Service(
    name="outreach",
    router=router,
    reactions=reactions,
    views=(WERKVOORRAAD,),
    opens=True,
)
