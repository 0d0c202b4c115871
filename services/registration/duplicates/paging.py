"""The place behind a case in the list of cases."""

from math import isfinite
from uuid import UUID

from services.registration.duplicates.cases import Case
from shared.paging import bad_cursor, decode_cursor


def place(case: Case) -> tuple[str, str]:
    """Give where a case stands."""
    return repr(case.score), str(case.id)


def after(cursor: str | None) -> tuple[float, UUID] | None:
    """Read where a list goes on.

    Raises:
        Problem: 422, it is no cursor of this list.
    """
    if cursor is None:
        return None
    score, id_ = decode_cursor(cursor, 2)
    try:
        known = float(score), UUID(id_)
    except ValueError:
        raise bad_cursor() from None
    if not isfinite(known[0]):
        raise bad_cursor()
    return known
