"""HTTP bodies of the public calendar."""

from datetime import datetime
from typing import Literal

from services.events.planning.schemas import EventFacts

PublicStatus = Literal["published", "cancelled", "completed"]


class CalendarEntry(EventFacts):
    """An event as everybody sees it."""

    status: PublicStatus
    published_at: datetime
