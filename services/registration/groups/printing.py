"""The sheets of discussion groups as a page to print."""

from fastapi.responses import HTMLResponse

from services.registration.desk.formats import order
from services.registration.desk.headers import policy
from services.registration.desk.languages import Language
from services.registration.desk.rendering import environment
from services.registration.groups.handlers import Sheet


def print_sheet(sheet: Sheet, language: Language) -> HTMLResponse:
    """Make the page: people in the order of the committee's alphabet, a sheet for each group."""
    groups = [sorted(group, key=lambda each: order(each[0])) for group in sheet.groups]
    template = environment(language).get_template("groups/print.html")
    text = template.render(plan=sheet.plan, title=sheet.title, groups=groups)
    headers = {
        "Content-Language": language,
        "Content-Security-Policy": policy(),
        "Cache-Control": "no-store",
    }
    return HTMLResponse(text, headers=headers)
