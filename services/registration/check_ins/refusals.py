"""What the desk is told when somebody cannot be checked in."""

from services.registration.check_ins.domain import Reason
from services.registration.check_ins.recording import Situation
from shared.problems import FieldError, Problem, conflict, invalid, not_found

_DETAILS: dict[str, str] = {
    "ticket-incomplete": "This ticket is cut short: scan or type the whole of it.",
    "ticket-unreadable": "This is no ticket: it has letters or a length that none has.",
    "ticket-unknown-key": "This ticket was signed by a key that is not ours.",
    "ticket-forged": "This ticket was not made by us: its signature is wrong.",
    "ticket-revoked": "This ticket was replaced by another one.",
    "ticket-of-another-event": "This ticket is for another event.",
    "event-cancelled": "This event was cancelled.",
    "enrolment-cancelled": "This enrolment was cancelled.",
    "enrolment-waitlisted": "This family is still on the waiting list.",
    "nonce-used": "This nonce belongs to a check-in with another ticket.",
}
_WRONG = frozenset(
    ("ticket-incomplete", "ticket-unreadable", "ticket-unknown-key", "ticket-forged")
)


def refusal(reason: Reason) -> Problem:
    """The answer to a check-in that is refused: 422, no ticket of ours; 409, it lets nobody in."""
    if reason == "ticket-unknown":
        return not_found("ticket")
    detail = _DETAILS[reason]
    if reason in _WRONG:
        return Problem(422, reason, detail, errors=[FieldError(field="ticket", message=detail)])
    return conflict(reason, detail)


def refusal_of(situation: Situation) -> Problem:
    """The answer to one arrival that is refused."""
    if situation.reason == "not-enrolled":
        index = situation.arrival.person_ids.index(situation.unseated[0])
        return invalid(f"person_ids.{index}", "has no seat by this ticket")
    if situation.reason is None:
        raise AssertionError("nothing stands in the way")
    return refusal(situation.reason)
