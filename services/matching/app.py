"""The service matching."""

from libs.chassis.service import Service
from services.matching.api import router
from services.matching.handlers import reactions

service = Service(name="matching", router=router, reactions=reactions, opens=True)
