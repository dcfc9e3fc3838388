"""Escalation as a value."""

from libs.chassis.service import Service
from services.escalation import wekker
from services.escalation.api import router
from services.escalation.handlers import reactions

service = Service(name="escalation", router=router, reactions=reactions, loops=(wekker.loop,))
