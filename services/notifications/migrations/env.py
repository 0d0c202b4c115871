"""Alembic's entry: the rows of this service."""

from services.notifications.calendar import tables as calendar
from services.notifications.contacts import tables as contacts
from services.notifications.database import METADATA
from services.notifications.deliveries import tables as deliveries
from services.notifications.enrolments import tables as enrolments
from shared.migrations import run_environment

TABLES = (calendar, contacts, deliveries, enrolments)

run_environment(METADATA)
