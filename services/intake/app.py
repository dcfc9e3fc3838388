"""The service intake."""

from libs.chassis.service import Service
from services.intake.api import router
from services.intake.handlers import reactions

service = Service(name="intake", router=router, reactions=reactions, opens=True)
