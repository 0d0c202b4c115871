"""Why a family was seated or not, as a plain sentence in its language."""

from collections.abc import Mapping

from services.registration.desk.languages import Language, msgid, translate
from services.registration.waiting_list.domain import Cause, Reason
from services.registration.waiting_list.queries import Decision

_CAUSES: Mapping[Cause, str] = {
    "enrolled": msgid("The family enrolled."),
    "enrolment_cancelled": msgid("Another family's enrolment was cancelled."),
    "person_left": msgid("A person left the register."),
    "registrations_merged": msgid("Two registrations became one, or two again."),
    "capacity_raised": msgid("The event got more seats."),
    "capacity_lowered": msgid("The event got fewer seats."),
    "rule_changed": msgid("The rule by which seats are given changed."),
    "event_changed": msgid("The event changed."),
    "offer_expired": msgid("An offer ended without an answer."),
    "offer_declined": msgid("An offer was declined."),
    "offer_accepted": msgid("The family accepted its offer."),
    "staff_decision": msgid("Staff seated a family by a decision of their own."),
    "event_completed": msgid("The event is over."),
}

_REASONS: Mapping[Reason, str] = {
    "seated": msgid("The family was given seats. Free: %(free)s, needed: %(needed)s."),
    "offered": msgid("Seats were offered to the family. Free: %(free)s, needed: %(needed)s."),
    "no_free_seats": msgid("No seat was left when it was this family's turn."),
    "too_large": msgid("Too few seats for the whole family. Free: %(free)s, needed: %(needed)s."),
    "behind_in_order": msgid("A family that has waited longer goes first. Seats free: %(free)s."),
    "district_full": msgid("No room for %(needed)s more of the family's district of origin."),
    "capacity_lowered": msgid("More seats are taken than there are now, so nobody is seated."),
    "offer_missed": msgid("The family let an offer pass; it is asked again in the next round."),
    "event_closed": msgid("Nobody is seated any more."),
}


def sentence(decision: Decision, language: Language) -> str:
    """Say what made the list be walked, and what came of it for the family."""
    cause = translate(_CAUSES[decision.cause], language)
    reason = translate(_REASONS[decision.reason], language)
    return f"{cause} {reason}" % {"free": max(decision.free, 0), "needed": decision.needed}
