"""The sentences that errors become, in English; the catalogues hold the other languages."""

from collections.abc import Mapping

from services.registration.desk.languages import msgid


def counted(name: str, singular: str, plural: str) -> tuple[str, str, str]:
    """Mark a sentence that counts: `name` is pydantic's name of the number."""
    return name, singular, plural


_NEEDED = msgid("Fill this in.")
_CHOOSE = msgid("Choose one of the list.")
_WHOLE = msgid("Type a whole number.")
_DATE = msgid("Type a date that exists: day, month, year.")

PYDANTIC: Mapping[str, str | tuple[str, str, str]] = {
    "missing": _NEEDED,
    "none_required": _NEEDED,
    "string_type": _NEEDED,
    "model_type": _NEEDED,
    "model_attributes_type": _NEEDED,
    "string_too_short": counted(
        "min_length", "Type at least %(count)d character.", "Type at least %(count)d characters."
    ),
    "string_too_long": counted(
        "max_length", "Type at most %(count)d character.", "Type at most %(count)d characters."
    ),
    "too_short": counted(
        "min_length", "Name at least %(count)d of them.", "Name at least %(count)d of them."
    ),
    "too_long": counted(
        "max_length", "Name at most %(count)d of them.", "Name at most %(count)d of them."
    ),
    "literal_error": _CHOOSE,
    "enum": _CHOOSE,
    "bool_parsing": _CHOOSE,
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "greater_than_equal": msgid("It must be %(ge)s or more."),
    "greater_than": msgid("It must be more than %(gt)s."),
    "less_than_equal": msgid("It must be %(le)s or less."),
    "less_than": msgid("It must be less than %(lt)s."),
    "date_parsing": _DATE,
    "date_type": _DATE,
    "date_from_datetime_parsing": _DATE,
    "datetime_parsing": msgid("Type a date and a time."),
    "uuid_parsing": msgid("There is nothing under this number."),
    "extra_forbidden": msgid("There is no such field here."),
    "string_pattern_mismatch": msgid("It is not written the way it must be."),
}

PATTERNS: Mapping[str, str] = {
    r"has no letters O and I: did you mean (?P<fin>\w+)\?": msgid(
        "A FIN has no letters O and I. Did you mean %(fin)s?"
    ),
    r"must be 7 characters: digits and Latin letters without O and I": msgid(
        "A FIN has 7 characters: digits and Latin letters, without O and I."
    ),
    r"must be a phone number of Azerbaijan.*": msgid(
        "Type a phone number of Azerbaijan, like 050 123 45 67."
    ),
    r"must be an e-mail address.*": msgid("Type an e-mail address, like ali@example.az."),
    r"must be a date, like .*": _DATE,
    r"must be a time with an offset.*": msgid("Type a date and a time."),
    r"must not be before 1900": msgid("The date must not be before 1900."),
    r"must not be in the future": msgid("The date must not be in the future."),
    r"must lie between the years 2000 and 2100": msgid(
        "The time must lie between the years 2000 and 2100."
    ),
    r"must not contain control characters": msgid(
        "There are characters in it that cannot be kept. Type it again."
    ),
    r"must be an ISO 3166-2 code of Azerbaijan.*": msgid("Choose a district of the list."),
    r"must have exactly one head, not 0": msgid("Say who is the head of the family."),
    r"must have exactly one head, not (?P<count>\d+)": msgid(
        "A family has one head; here are %(count)s."
    ),
    r"is the FIN of members\.\d+ too": msgid("Another member above has this FIN too."),
    r"must not name a purpose twice": msgid("A purpose is there twice."),
    r"must not name a person twice": msgid("A person is there twice."),
    r"must not be null.*": _NEEDED,
    r"is needed, because the head leaves": msgid("The head leaves: choose another head."),
    r"is the last member of this family": msgid(
        "This is the last member: a family cannot be left empty."
    ),
    r"is the person who leaves": msgid("Choose somebody who stays."),
    r"must leave somebody behind": msgid("Somebody must stay in this family."),
    r"must be one of those who leave": msgid("Choose somebody who leaves."),
    r"must be one of those who stay": msgid("Choose somebody who stays."),
    r"would make more than (?P<count>\d+) members": msgid(
        "A family has at most %(count)s members."
    ),
    r"is needed: what is it to the head\?": msgid("Say what this person is to the head."),
    r"cannot be a second head": msgid("A family has one head only."),
    r"would leave no head.*": msgid("The head must stay: keep the registration of the head."),
    r"nobody would be left; merge the families": msgid("Nobody would be left: merge the families."),
    r"must name somebody": msgid("Choose who is the same person."),
    r"is not a member of this family.*": msgid("This person is not of this family any more."),
    r"has no seat by this ticket": msgid("This person has no seat by this ticket."),
    r"valid_until must not be before given_on": msgid("It cannot end before it was given."),
    r"must be before 2100": msgid("The date must be before 2100."),
    r"must have (?P<least>\d+) to (?P<most>\d+) characters": msgid(
        "Take %(least)s to %(most)s characters."
    ),
    r"must not contain the login or the name": msgid(
        "It must not contain your name or your user name."
    ),
    r"is too easy to guess.*": msgid(
        "It is too easy to guess. Take several words that do not belong together."
    ),
    r"must be another than before": msgid("Take another one than before."),
    r"is not the present password": msgid("This is not your present password."),
    r"must be the new password again": msgid("It is not the same as the new password."),
    r"is not a cursor of this list": msgid("This page of the list is not there any more."),
}

SLUGS: Mapping[str, str] = {
    "invalid": msgid("Some fields need another look."),
    "not-found": msgid("There is nothing here. It may have been removed, or the address is wrong."),
    "forbidden": msgid("Your roles do not include this."),
    "unauthorized": msgid("Sign in first."),
    "form-refused": msgid(
        "This form is out of date, so nothing was changed. "
        "Go back, load the page again and send it once more."
    ),
    "form-used": msgid(
        "This form was sent before with other content, so nothing was changed. Open a new form."
    ),
    "bad-request": msgid("This form cannot be read. Load the page again and send it once more."),
    "exports-busy": msgid("Other lists are being taken out just now. Try again a little later."),
    "too-many-watchers": msgid("Too many pages show the seats live just now."),
    "too-large": msgid("That is too much to send at once."),
    "method-not-allowed": msgid("This page cannot be called like that."),
    "unexpected": msgid(
        "Something went wrong on our side and nothing was changed. Try again in a moment."
    ),
    "stale": msgid(
        "Somebody else changed this while you were working. "
        "Look at it as it is now and change it again."
    ),
    "still-running": msgid("The same is being done just now. Wait a moment."),
    "password-expired": msgid(
        "This temporary password was not changed in time. Ask an operator for a new one."
    ),
    "too-many-attempts": msgid("Signing in failed too often from here. Try again later."),
    "wrong-credentials": msgid("The name or the password is not right."),
    "no-account": msgid("There is no account here for you. Ask an operator to make one."),
    "sign-in-refused": msgid("Signing in there did not work. Try again from the start."),
    "provider-away": msgid("The place where you sign in does not answer. Try again later."),
    "busy": msgid("Too many people sign in at once. Try again in a few seconds."),
    "other-district": msgid("This family is of another district. You register those of yours."),
    "staff-exists": msgid("There is an account with this name or e-mail already."),
    "not-given": msgid("This was not allowed, so it cannot be taken back."),
    "last-operator": msgid("Nobody would be left who can change accounts."),
    "locked": msgid("Too many wrong passwords. This account is locked for a while."),
    "fin-registered": msgid("Somebody with this FIN is registered already."),
    "event-cancelled": msgid("This event was called off."),
    "event-completed": msgid("This event is over."),
    "enrolment-closed": msgid("Enrolment for this event is closed."),
    "already-enrolled": msgid("This family is enrolled in this event already."),
    "already-cancelled": msgid("This enrolment was cancelled already."),
    "already-seated": msgid("This family has its seats already."),
    "no-offer": msgid("No seats are offered to this family, or not any more."),
    "no-free-seats": msgid("There are too few free seats for the whole family."),
    "nobody-there": msgid("There is nobody yet to put into groups."),
    "enrolment-cancelled": msgid("This enrolment was cancelled."),
    "enrolment-waitlisted": msgid("This family is still on the waiting list."),
    "family-closed": msgid("This family went into another one."),
    "changed-since": msgid("These families changed since they were made one. Split the family."),
    "already-decided": msgid("This case is decided already."),
    "claimed": msgid("Somebody else looks at this case now."),
    "already-undone": msgid("This was undone already."),
    "nonce-used": msgid("This check-in belongs to another ticket."),
    "already-settled": msgid("This conflict is settled already."),
    "not-acceptable": msgid("Whose ticket this is is not known, so nobody can be counted by it."),
    "no-seats-left": msgid("There are not enough seats left for this family."),
    "ticket-revoked": msgid("This ticket was replaced by another one."),
    "dead-letter-handled": msgid("It was handled already, so it was not replayed. Drop it."),
    "dead-letter-unreadable": msgid(
        "This service cannot read it, so it was not replayed. Update the service, or drop it."
    ),
    "dead-letter-unroutable": msgid(
        "Its queue takes no replays yet, so it was not replayed. Run the bootstrap."
    ),
    "dead-letters-busy": msgid("Somebody else is busy with these dead letters. Try again."),
    "dead-letters-away": msgid("A server does not answer. Nothing is lost; try again in a moment."),
    "service-busy": msgid("Others wait for that service already. Try again in a moment."),
    "service-slow": msgid(
        "That service takes long to answer. It may still do what was asked: look again in a moment."
    ),
    "service-away": msgid(
        "That service does not answer. Its dead letters are kept; use: qayidis dead list"
    ),
    "ticket-of-another-event": msgid("This ticket is for another event."),
}
