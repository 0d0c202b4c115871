"""The links of the header: what a person's roles permit, of what there is."""

from dataclasses import dataclass

from fastapi import Request

from services.registration.desk.languages import msgid


@dataclass(frozen=True, slots=True)
class Link:
    """One place to go; `text` is translated where it is shown."""

    path: str
    text: str
    roles: frozenset[str]
    active: bool = False


_LINKS = (
    Link("/", msgid("Search"), frozenset({"registrar", "auditor"})),
    Link("/families/new", msgid("New family"), frozenset({"registrar"})),
    Link("/events", msgid("Events"), frozenset({"registrar", "organiser", "auditor"})),
    Link("/imports", msgid("Imports"), frozenset({"registrar", "operator"})),
    Link("/duplicates", msgid("Duplicates"), frozenset({"registrar", "auditor"})),
    Link("/audit", msgid("Audit log"), frozenset({"auditor"})),
    Link("/staff", msgid("Staff"), frozenset({"operator"})),
)


def links_of(request: Request) -> list[Link]:
    """List the links of who looks; none for nobody."""
    staff = getattr(request.state, "staff", None)
    if staff is None:
        return []
    there = {getattr(route, "path", None) for route in request.app.routes}
    path = request.url.path
    permitted = [
        link for link in _LINKS if link.path in there and link.roles & frozenset(staff.roles)
    ]
    nearest = max(
        (link.path for link in permitted if _is_under(path, link.path)), key=len, default=None
    )
    return [Link(link.path, link.text, link.roles, link.path == nearest) for link in permitted]


def _is_under(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(f"{place}/"))
