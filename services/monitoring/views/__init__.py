"""The two views of monitoring, a file each: what it keeps, how it folds, what may be asked of it."""

from services.monitoring.views import partners, timeline

VIEWS = {"timeline": timeline.view, "partners": partners.view}
"""Every view by the name it has on the command line."""
