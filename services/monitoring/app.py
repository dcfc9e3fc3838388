"""The service monitoring, put together."""

from libs.chassis.service import Service
from services.monitoring import pages
from services.monitoring.api import router
from services.monitoring.views import VIEWS

service = Service(
    name="monitoring",
    router=router,
    views=tuple(VIEWS.values()),
    pages=pages.router,
    error_page=pages.error_page,
)
