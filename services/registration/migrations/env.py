"""Alembic's environment: all rows of this service."""

from services.registration.audit import tables as _audit  # noqa: F401
from services.registration.calendar import tables as _calendar  # noqa: F401
from services.registration.check_in_conflicts import tables as _conflicts  # noqa: F401
from services.registration.check_ins import tables as _check_ins  # noqa: F401
from services.registration.consents import tables as _consents  # noqa: F401
from services.registration.database import METADATA
from services.registration.duplicates import tables as _duplicates  # noqa: F401
from services.registration.enrolments import tables as _enrolments  # noqa: F401
from services.registration.erasures import tables as _erasures  # noqa: F401
from services.registration.families import tables as _families  # noqa: F401
from services.registration.groups import tables as _groups  # noqa: F401
from services.registration.history import tables as _history  # noqa: F401
from services.registration.imports import tables as _imports  # noqa: F401
from services.registration.merges import tables as _merges  # noqa: F401
from services.registration.search import tables as _search  # noqa: F401
from services.registration.staff import tables as _staff  # noqa: F401
from services.registration.tickets import tables as _tickets  # noqa: F401
from services.registration.waiting_list import tables as _waiting_list  # noqa: F401
from shared.migrations import run_environment

run_environment(METADATA)
