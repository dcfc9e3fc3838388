"""Routing as a value."""

from libs.chassis.service import Service
from services.routing.api import router
from services.routing.handlers import besluiten
from services.routing.meegeleverd import zeg

service = Service(name="routing", router=router, reactions=lambda runtime: (besluiten,), begins=zeg)
