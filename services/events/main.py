"""The composition root of the events service."""

from fastapi import FastAPI

from services.events.calendar.api import router as calendar
from services.events.config import Settings
from services.events.planning.api import router as planning
from shared.service import Service, serve
from shared.settings import load


def create_app(settings: Settings) -> FastAPI:
    """Make the service's app; it reads no queue."""
    service = Service("events", settings)
    return service.app(
        title="Qayıdış: events",
        description="Plans and announces what displaced families can attend.",
        routers=[planning, calendar],
    )


def run() -> None:
    """Run the service until it is told to stop."""
    settings = load(Settings)
    serve("events", settings, lambda: create_app(settings))
