"""The attendance sheet on paper."""

from collections.abc import Sequence

from services.registration.attendance.queries import Person
from services.registration.desk import formats
from services.registration.desk.languages import Language, msgid, translate
from services.registration.door.queries import Event
from services.registration.paper.pages import FONT, Pages

_COLUMNS = (
    (12, msgid("No.")),
    (84, msgid("Name")),
    (38, msgid("Origin")),
    (18, msgid("Came at")),
    (38, msgid("Signature")),
)
_ROW = 8


class _AttendanceSheet(Pages):
    """Repeats the head of the table on every page."""

    def header(self) -> None:
        if self.page_no() > 1:
            self.table_head()

    def table_head(self) -> None:
        self.set_font(FONT, "B", 9)
        self.set_fill_color(235)
        for width, text in _COLUMNS:
            self.cell(width, _ROW, translate(text, self._language), border=1, fill=True)
        self.ln(_ROW)
        self.set_font(FONT, size=9)


def attendance_sheet(event: Event, people: Sequence[Person], language: Language) -> bytes:
    """Print who has seats, in the order given, with the time each came and room to sign."""
    title = str(event.title.get(language, ""))
    heading = translate(msgid("Attendance"), language)
    pages = _AttendanceSheet(f"{heading}: {title}", language)
    pages.add_page()
    pages.heading(f"{heading}: {title}")
    if event.starts_at is not None and event.ends_at is not None:
        pages.line_of(formats.period(event.starts_at, event.ends_at, language))
    came = sum(each.at is not None for each in people)
    counts = translate(msgid("Came: %(came)s of %(expected)s"), language)
    pages.line_of(
        counts
        % {
            "came": formats.number(came, language),
            "expected": formats.number(len(people), language),
        }
    )
    pages.ln(3)
    pages.table_head()
    for number, person in enumerate(people, start=1):
        row = (
            formats.number(number, language),
            person.name,
            formats.district(person.origin_district, language),
            formats.clock(person.at, language) if person.at else "",
            "",
        )
        if pages.will_page_break(_ROW):
            pages.add_page()
        for (width, _), text in zip(_COLUMNS, row, strict=True):
            pages.cell(width, _ROW, _fitting(pages, text, width), border=1)
        pages.ln(_ROW)
    return pages.finished()


def _fitting(pages: Pages, text: str, width: float) -> str:
    """Shorten what is wider than its column."""
    room = width - 2 * pages.c_margin
    if pages.get_string_width(text) <= room:
        return text
    while text and pages.get_string_width(f"{text}…") > room:
        text = text[:-1]
    return f"{text}…"
