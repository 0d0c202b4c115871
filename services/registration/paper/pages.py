"""PDF pages (ISO 32000) set in Roboto, which has ə ğ ı İ ö ü ş ç and Cyrillic."""

from datetime import UTC, datetime

import font_roboto
from fpdf import FPDF

from services.registration.desk.languages import Language, msgid, translate

FONT = "Roboto"
A4 = (210.0, 297.0)
A6 = (105.0, 148.0)
_PAGE = msgid("Page %(page)s")


class Pages(FPDF):
    """A document in one language; every page says which one it is."""

    def __init__(self, title: str, language: Language, paper: tuple[float, float] = A4) -> None:
        super().__init__(format=paper)
        self._language = language
        self.add_font(FONT, "", font_roboto.Roboto)
        self.add_font(FONT, "B", font_roboto.RobotoBold)
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("Qayıdış")
        self.set_creation_date(datetime.now(UTC))
        self.set_auto_page_break(True, margin=18)
        self.set_font(FONT, size=10)

    def footer(self) -> None:
        """Print the number of the page."""
        self.set_y(-12)
        self.set_font(FONT, size=8)
        self.cell(0, 5, self._numbered(), align="R")

    def heading(self, text: str) -> None:
        """Print a heading that may take several lines."""
        self.set_font(FONT, "B", 16)
        self.multi_cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")
        self.set_font(FONT, size=10)

    def line_of(self, text: str) -> None:
        """Print a line of text."""
        self.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")

    def finished(self) -> bytes:
        """Give the document's bytes."""
        return bytes(self.output())

    def _numbered(self) -> str:
        return translate(_PAGE, self._language) % {"page": f"{self.page_no()} / {{nb}}"}
