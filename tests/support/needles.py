"""Looking for what must not be there: people's data, passwords and tokens in logs and the like."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.support.bodies import Body
from tests.support.dumps import forms
from tests.system import System

_NAMES = ("given_name", "family_name", "patronymic")
_VALUES = ("fin", "phone", "email", "birth_date")

# A token by its shape, whoever made it (RFC 7519), and the signed text of a ticket.
_SHAPES = (re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}"), re.compile(r"Q1\.[0-9A-Z $%*+./:-]{40,}"))


@dataclass
class Needles:
    """What to look for: `words` as whole words, `values` anywhere and in every usual spelling."""

    words: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)

    def add_people(self, families: Iterable[Body]) -> None:
        """Everything personal of families, as the API shows or takes them."""
        for family in families:
            self.values.add(family["residence"]["address"])
            for member in family["members"]:
                self.words |= {member[name] for name in _NAMES if member.get(name)}
                self.values |= {str(member[name]) for name in _VALUES if member.get(name)}

    def found_in(self, text: str) -> set[str]:
        """Tell which are in a text; letters' case does not matter."""
        lowered = text.encode().lower()
        found = {each for each in self.values if any(form in lowered for form in forms(each))}
        found |= {each for each in self.values if _called(each, text)}
        # A name may be part of an ordinary word, never one by itself.
        words = set(re.findall(r"\w+", text.casefold()))
        for name in self.words:
            parts = re.findall(r"\w+", name.casefold())
            if all(part in words for part in parts) and _in_order(name, text):
                found.add(name)
        return found | {each.group()[:40] for shape in _SHAPES for each in shape.finditer(text)}


def secrets_of(system: System) -> set[str]:
    """Every password and private key of a system."""
    found = {system.around.receipt_secret}
    for _, passwords in system.around.passwords:
        found |= {passwords.database, passwords.migrator, passwords.amqp}
    for file in system.around.keys_folder.iterdir():
        if file.name != "public.jwks":
            found |= set(
                re.findall(r'"(?:d|key|index|secret)": *"([^"]+)"', file.read_text("utf-8"))
            )
    return found


def log_lines(system: System, service: str) -> list[dict[str, object]]:
    """The lines of a service's log, every one of which is JSON."""
    text = system.processes.log(service).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def as_text(lines: Sequence[dict[str, object]]) -> str:
    """Lines as text in which letters stand as they are, not as escapes."""
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


def _called(value: str, text: str) -> bool:
    """Tell whether a phone number is there, grouped in whichever way."""
    if not re.fullmatch(r"\+994[0-9]{9}", value):
        return False
    return re.search(r"[ ()-]{0,2}".join(value[4:]), text) is not None


def _in_order(name: str, text: str) -> bool:
    pattern = rf"(?<!\w){re.escape(name.casefold())}(?!\w)"
    return re.search(pattern, text.casefold()) is not None
