"""A ticket on paper: the QR code, the short code, whom it is for, and whether they have seats."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.registration.desk import formats
from services.registration.desk.languages import Language, msgid, translate
from services.registration.door.queries import Event
from services.registration.paper.pages import A6, FONT, Pages
from services.registration.tickets.drawing import qr_code

_SIDE = 78.0
_WAITS = msgid("On the waiting list: no seats yet. Do not set out before you get a message.")


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on a ticket."""

    token: str
    code: str
    names: Sequence[str]
    waits: bool


def printed_ticket(event: Event, ticket: Printed, language: Language) -> bytes:
    """Print a ticket on a page of A6; the code is drawn as lines, so that it stays sharp."""
    title = str(event.title.get(language, ""))
    pages = Pages(f"{translate(msgid('Ticket'), language)}: {title}", language, A6)
    pages.set_margins(8, 8)
    pages.set_auto_page_break(False)
    pages.add_page()
    pages.set_font(FONT, "B", 11)
    pages.multi_cell(0, 5, title, align="L", new_x="LMARGIN", new_y="NEXT")
    pages.set_font(FONT, size=8)
    if event.starts_at is not None and event.ends_at is not None:
        pages.line_of(formats.period(event.starts_at, event.ends_at, language))
    if event.venue is not None:
        pages.line_of(f"{event.venue['name']}, {event.venue['address']}")
    if ticket.waits:
        pages.set_font(FONT, "B", 9)
        pages.line_of(translate(_WAITS, language))
    _draw(pages, ticket.token)
    code = ticket.code
    pages.set_font(FONT, "B", 9)
    groups = " ".join(code[place : place + 4] for place in range(0, len(code), 4))
    pages.cell(0, 5, groups, align="C", new_x="LMARGIN", new_y="NEXT")
    pages.set_font(FONT, size=8)
    pages.multi_cell(0, 4, ", ".join(ticket.names), align="L")
    return pages.finished()


def _draw(pages: Pages, token: str) -> None:
    matrix = [[bool(module) for module in row] for row in qr_code(token).matrix]
    module = _SIDE / len(matrix)
    left, top = (pages.w - _SIDE) / 2, pages.get_y() + 2
    pages.set_fill_color(0)
    for number, row in enumerate(matrix):
        start = None
        for place, dark in enumerate([*row, False]):
            if dark and start is None:
                start = place
            if not dark and start is not None:
                width = (place - start) * module
                pages.rect(left + start * module, top + number * module, width, module, style="F")
                start = None
    pages.set_y(top + _SIDE + 3)
