"""What to do about dead letters of one kind, for people; the command line says it in English."""

from collections.abc import Mapping

from services.registration.desk.languages import msgid
from shared.messaging.dead_letters.letters import Kind

WHAT_TO_DO: Mapping[Kind, str] = {
    "unreadable": msgid(
        "No retry makes it readable: the sender broke the contract, or runs newer code. Tell who "
        "sends it; replay once this service can read it, else drop."
    ),
    "killed": msgid(
        "The service died on it at each delivery. Look into its log at that time, mend it, replay "
        "one, then the rest."
    ),
    "database": msgid(
        "The database refused what was made of it. Mend the data or the code, replay one, then "
        "the rest."
    ),
    "failed": msgid(
        "The code failed on it. Mend what the reason and the place name, replay one, then the rest."
    ),
    "foreign": msgid(
        "It was put there past the service, so nobody wrote a reason down. Find out who did; "
        "replay or drop."
    ),
}

ACTIONS: Mapping[str, str] = {
    "replayed": msgid("Replayed"),
    "dropped": msgid("Dropped"),
    "shown": msgid("Read with personal data"),
}
