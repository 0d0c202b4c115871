"""What to do about dead letters of one kind, in a line or two and with the exact command."""

import shlex

from shared.messaging.dead_letters.grouping import Group
from shared.messaging.dead_letters.letters import Kind

ADVICE: dict[Kind, str] = {
    "unreadable": "No retry makes it readable: the sender broke the contract, or runs newer code. "
    "Tell who sends it; replay once the present code can read it, else drop.",
    "killed": "The process died on it, or lost its connection, at each delivery. Look into the "
    "service's log at that time, mend it, replay one, then the rest.",
    "database": "Postgres refused what was made of it. Mend the data or the code, replay one, "
    "then the rest.",
    "failed": "The code failed on it. Mend what the reason and the place name, replay one, then "
    "the rest.",
    "foreign": "It was put there past the service, so nobody wrote a reason down. Find out who "
    "did; replay or drop.",
}
"""What to do, by kind; after it the command."""


def command_of(group: Group) -> str:
    """The command that replays a group; for what cannot be read, the one that shows an example."""
    if group.kind == "unreadable":
        return f"qayidis dead show {group.example.ref}"
    named = {"queue": group.queue, "type": group.type or "", "exception": group.exception}
    options = " ".join(f"--{name} {shlex.quote(value)}" for name, value in named.items())
    return f"qayidis dead replay {options}"
