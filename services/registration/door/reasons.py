"""What the door says of each reason a check-in is not recorded for."""

from collections.abc import Mapping

from services.registration.desk.languages import msgid

REASONS: Mapping[str, str] = {
    "ticket-incomplete": msgid("This ticket is cut short: scan or type the whole of it."),
    "ticket-unreadable": msgid("This is no ticket of ours."),
    "ticket-unknown-key": msgid("This ticket was signed by a key that is not ours."),
    "ticket-forged": msgid("This ticket is forged: its signature is wrong."),
    "ticket-unknown": msgid("Nobody is found by this ticket or name."),
    "ticket-revoked": msgid("This ticket was replaced by another one."),
    "ticket-of-another-event": msgid("This ticket is for another event."),
    "event-cancelled": msgid("The event was cancelled."),
    "enrolment-cancelled": msgid("The enrolment was cancelled."),
    "enrolment-waitlisted": msgid("The family is on the waiting list and has no seats."),
    "not-enrolled": msgid("Somebody has no seat by this ticket."),
    "nonce-used": msgid("This check-in was recorded for another ticket."),
    "already-checked-in": msgid("Checked in at another desk before."),
}
