"""The links of the header: what a person's roles permit, of what there is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

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
    Link("/dead-letters", msgid("Dead letters"), frozenset({"operator"})),
)


def links_of(request: Request) -> list[Link]:
    """List the links of who looks; none for nobody, and for who must change the password first."""
    staff = getattr(request.state, "staff", None)
    if staff is None or staff.must_change_password:
        return []
    there = _paths(request)
    path = request.url.path
    permitted = [
        link for link in _LINKS if link.path in there and link.roles & frozenset(staff.roles)
    ]
    nearest = max(
        (link.path for link in permitted if _is_under(path, link.path)), key=len, default=None
    )
    return [Link(link.path, link.text, link.roles, link.path == nearest) for link in permitted]


def _paths(request: Request) -> frozenset[str]:
    """The paths of all pages there are; an app keeps its routers as they were included."""
    state = request.app.state
    if not hasattr(state, "page_paths"):
        state.page_paths = frozenset(_paths_of(request.app.routes))
    paths: frozenset[str] = state.page_paths
    return paths


def _paths_of(routes: Iterable[object]) -> Iterator[str]:
    for route in routes:
        router = getattr(route, "original_router", None)
        if router is not None:
            yield from _paths_of(router.routes)
        elif hasattr(route, "path"):
            yield route.path


def _is_under(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(f"{place}/"))


class Place(StrEnum):
    """What has pages of other capabilities beside its own."""

    EVENT = "event"
    ENROLMENT = "enrolment"
    FAMILY = "family"


_PLACES: Mapping[Place, tuple[Link, ...]] = {
    Place.EVENT: (
        Link("/check-in/{event_id}", msgid("Check-in"), frozenset({"registrar"})),
        Link(
            "/events/{event_id}/attendance.pdf",
            msgid("Attendance (PDF)"),
            frozenset({"registrar", "auditor"}),
        ),
        Link(
            "/events/{event_id}/waiting-list",
            msgid("Waiting list"),
            frozenset({"registrar", "organiser", "auditor"}),
        ),
        Link(
            "/events/{event_id}/groups",
            msgid("Discussion groups"),
            frozenset({"registrar", "organiser"}),
        ),
    ),
    Place.ENROLMENT: (
        Link("/tickets/{enrolment_id}", msgid("Ticket to print (PDF)"), frozenset({"registrar"})),
    ),
    Place.FAMILY: (
        Link("/families/{family_id}/changes", msgid("What changed?"), frozenset({"registrar"})),
        Link(
            "/families/{family_id}/history",
            msgid("History"),
            frozenset({"registrar", "auditor"}),
        ),
        Link(
            "/families/{family_id}/consents",
            msgid("Consents and data"),
            frozenset({"registrar", "auditor"}),
        ),
    ),
}


def places_of(request: Request, place: Place, **parts: object) -> list[tuple[str, str]]:
    """List the pages about one thing that there are and who looks may see: path and text."""
    staff = getattr(request.state, "staff", None)
    roles = frozenset(staff.roles) if staff else frozenset()
    there = _paths(request)
    return [
        (link.path.format(**parts), link.text)
        for link in _PLACES[place]
        if link.path in there and link.roles & roles
    ]
