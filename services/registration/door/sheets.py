"""Pages of the sheet, for the API and for the page alike."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.door import handlers
from services.registration.door.schemas import Sheet
from shared.paging import bad_cursor, decode_cursor, encode_cursor

_LAST_ENTRY = 2**63 - 1


async def sheet_page(
    session: AsyncSession, event_id: UUID, limit: int, cursor: str | None
) -> Sheet:
    """Read a page of at most `limit` enrolments.

    Raises:
        Problem: 404, no such event; 422, the cursor is none of ours.
    """
    sheet = await handlers.take_sheet(session, event_id, _after(cursor), limit + 1)
    shown = sheet.lines[:limit]
    more = len(sheet.lines) > limit
    return Sheet.of(sheet, shown, encode_cursor(str(shown[-1].entry)) if more else None)


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    entry = decode_cursor(cursor, 1)[0]
    if not (entry.isascii() and entry.isdigit() and int(entry[:20]) <= _LAST_ENTRY):
        raise bad_cursor()
    return int(entry)
