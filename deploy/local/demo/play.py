"""The Barda seminar, from the registration desk to the phones in families' hands."""

import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from deploy.bootstrap.failure import DeployError
from deploy.local.demo.client import Api, CallFailedError
from deploy.local.demo.desk import Desk, Enrolment, Family, Organiser
from deploy.local.demo.families import COMES, GIVES_UP, HOUSEHOLDS, MOVES_UP, SEATS
from deploy.local.demo.identities import Identities
from deploy.local.demo.printout import print_received, print_seats, received
from deploy.local.demo.seminar import BAKU, TOUR_SEATS, days_from, draft, draft_of_tour
from deploy.local.demo.texts import Texts
from deploy.local.waiting import wait_until


def play_seminar(
    where: Mapping[str, str],
    *,
    registrar_token: str,
    organiser_token: str,
    auditor_token: str,
) -> None:
    """Play the seminar and print what each phone and mailbox received.

    `where` has the base URLs of registration, events, notifications and handset. Raises
    DeployError, one line, at the first call that fails and when people are not told in time.
    """
    with ExitStack() as stack:

        def api(name: str, token: str | None = None) -> Api:
            return stack.enter_context(Api(name, where[name], token))

        desk = Desk(api("registration", registrar_token), Identities())
        organiser = Organiser(api("events", organiser_token))
        notifications, handset = api("notifications", auditor_token), api("handset")
        today = datetime.now(BAKU).date()
        days = days_from(today)

        people = sum(len(household.members) for household in HOUSEHOLDS)
        say(f"Registering {len(HOUSEHOLDS)} families, {people} people, who live in Bərdə")
        families = [desk.register(household, today) for household in HOUSEHOLDS]

        say(f"Publishing the seminar of {days.planned:%d.%m.%Y, %H:%M}: everyone is invited")
        event_id = publish(organiser, desk, draft(days))
        texts = Texts(notifications, event_id, families)
        texts.wait_for("invitation", families)

        say(f"Enrolling {people} people for {SEATS} seats")
        enrolments = [desk.enrol(family, event_id) for family in families]
        seated = [enrolment for enrolment in enrolments if enrolment.is_seated]
        waiting = [enrolment for enrolment in enrolments if not enrolment.is_seated]
        texts.wait_for("confirmation", families_of(seated))
        texts.wait_for("waiting", families_of(waiting))

        say(f"The {GIVES_UP} family gives up its seats; the {MOVES_UP} family moves up")
        desk.cancel(of(GIVES_UP, seated))
        texts.wait_for("promotion", families_of([of(MOVES_UP, waiting)]))

        say(f"Moving the seminar to {days.moved:%d.%m.%Y, %H:%M}")
        organiser.reschedule(event_id, days)
        still_seated = [enrolment for enrolment in seated if enrolment.family.name != GIVES_UP]
        texts.wait_for("rescheduled", families_of([*still_seated, of(MOVES_UP, waiting)]))

        say(f"Checking in the {COMES} family")
        desk.check_in(of(COMES, seated))

        print_inboxes(handset, families, texts)
        print_seats(desk.seats(event_id))

        publish(organiser, desk, draft_of_tour(days))
        say(
            f"Published a tour on {days.tour:%d.%m.%Y} with {TOUR_SEATS} seats, for you to enrol in"
        )


def publish(organiser: Organiser, desk: Desk, body: dict[str, Any]) -> str:
    """Publish an event and wait until the desk knows it. Return its id."""
    # Contacts travel by queue, and no call tells when the last one has arrived; who arrives
    # after the invitations were written might get none.
    time.sleep(1.5)
    event_id = organiser.publish(body)

    def is_known() -> bool:
        try:
            desk.seats(event_id)
        except CallFailedError as error:
            if error.status == 404:
                return False
            raise
        return True

    if not wait_until(is_known, seconds=30, every=0.1):
        raise DeployError("registration did not learn of the event within 30 s")
    return event_id


def print_inboxes(handset: Api, families: Iterable[Family], texts: Texts) -> None:
    """Print what came to every phone and mailbox of these families."""
    notifications = texts.all()
    print_received(
        received(address, family, handset.get(f"/inbox/{address}"), notifications)
        for family in families
        for address in addresses(family)
    )


def addresses(family: Family) -> list[str]:
    """Return a family's phones and mailboxes, each once."""
    return list(dict.fromkeys(person.address for person in family.people if person.address))


def families_of(enrolments: Iterable[Enrolment]) -> list[Family]:
    """Return the families that these enrolments are of."""
    return [enrolment.family for enrolment in enrolments]


def of(name: str, enrolments: Iterable[Enrolment]) -> Enrolment:
    """Return the enrolment of the family of that name. Raises DeployError when it is not there."""
    for enrolment in enrolments:
        if enrolment.family.name == name:
            return enrolment
    raise DeployError(f"the {name} family is not where the story needs it: seated, or waiting")


def say(line: str) -> None:
    """Tell what happens next."""
    print(line, flush=True)
