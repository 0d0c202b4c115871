"""Why a family was seated or not, as a plain sentence in its language."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from babel import negotiate_locale
from babel.messages.pofile import read_po

from services.registration.waiting_list.domain import Cause, Reason
from services.registration.waiting_list.queries import Decision

Language = Literal["az", "en", "ru"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_CAUSES: Mapping[Cause, str] = {
    "enrolled": "The family enrolled.",
    "enrolment_cancelled": "Another family's enrolment was cancelled.",
    "person_left": "A person left the register.",
    "registrations_merged": "Two registrations of the same people were made one, or two again.",
    "capacity_raised": "The event got more seats.",
    "capacity_lowered": "The event got fewer seats.",
    "rule_changed": "The rule by which seats are given changed.",
    "event_changed": "The event changed.",
    "offer_expired": "An offer ended without an answer.",
    "offer_declined": "An offer was declined.",
    "offer_accepted": "The family accepted its offer.",
    "staff_decision": "Staff seated a family by a decision of their own.",
    "event_completed": "The event is over.",
}

_REASONS: Mapping[Reason, str] = {
    "seated": "The family was given seats. Seats free: {free}, needed: {needed}.",
    "offered": "Seats were offered to the family. Seats free: {free}, needed: {needed}.",
    "no_free_seats": "No seat was left when it was this family's turn.",
    "too_large": "Too few seats for the whole family. Seats free: {free}, needed: {needed}.",
    "behind_in_order": "A family that has waited longer goes first. Seats free: {free}.",
    "district_full": "No room for {needed} more people from the family's district of origin.",
    "capacity_lowered": "More seats are taken than there are now, so nobody is seated.",
    "offer_missed": "The family let an offer pass; it is asked again when seats become free anew.",
    "event_closed": "Nobody is seated any more.",
}


def sentence(decision: Decision, language: Language) -> str:
    """Say what made the list be walked, and what came of it for the family."""
    cause = _say(_CAUSES[decision.cause], language)
    reason = _say(_REASONS[decision.reason], language)
    return f"{cause} {reason}".format(free=max(decision.free, 0), needed=decision.needed)


def asked_language(header: str) -> Language:
    """Choose by an `Accept-Language` header (RFC 9110, 12.5.4), Azerbaijani where it helps not."""
    wanted = [part.partition(";")[0].strip() for part in header[:200].split(",")]
    chosen = negotiate_locale(wanted, LANGUAGES, sep="-")
    return next((language for language in LANGUAGES if language == chosen), "az")


def _say(text: str, language: Language) -> str:
    return _catalogue(language).get(text, text)


@cache
def _catalogue(language: Language) -> Mapping[str, str]:
    with (Path(__file__).parent / "texts" / f"{language}.po").open("rb") as content:
        messages = read_po(content, locale=language)
    return {str(each.id): str(each.string) for each in messages if each.id and each.string}
