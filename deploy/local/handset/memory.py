"""What every phone and mailbox received, in order, and how often each text was posted."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

Outcome = Literal["delivered", "failed"]
ReceiptState = Literal["none", "waiting", "acknowledged", "refused", "given_up"]


@dataclass(slots=True)
class Text:
    """One text as it stands in one phone or mailbox; `failed`: accepted, never shown there."""

    id: str
    address: str
    sender: str
    subject: str | None
    text: str
    reference: str
    received_at: float
    outcome: Outcome
    receipt: ReceiptState = "none"


@dataclass(slots=True)
class Posting:
    """Every try to hand over one id: the answers given, and the text once accepted."""

    id: str
    address: str
    answers: list[int] = field(default_factory=list)
    text: Text | None = None


@dataclass(slots=True)
class Phone:
    """A phone or mailbox: its texts, oldest first, and how many posts it refused."""

    address: str
    texts: list[Text] = field(default_factory=list)
    refused: int = 0
    version: int = 0


class Changes:
    """A counter that grows with every change, and a way to wait for it."""

    def __init__(self) -> None:
        self.version = 0
        self._changed = asyncio.Event()

    def note(self) -> int:
        """Count one change, wake who waits and return the new count."""
        self.version += 1
        self._changed.set()
        return self.version

    async def since(self, seen: int) -> int:
        """Wait until the count differs from `seen`; return it."""
        while self.version == seen:
            self._changed.clear()
            await self._changed.wait()
        return self.version


class Memory:
    """All phones and mailboxes. Lives on one event loop, so it needs no lock."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self._phones: dict[str, Phone] = {}
        self._postings: dict[str, Posting] = {}
        # A restart must never give out a reference for the second time.
        self._prefix = secrets.token_hex(4)
        self._numbers = count(1)
        self.texts = 0

    def accept(self, posted: Posting, sender: str, text: str, outcome: Outcome) -> Text | None:
        """Put a posted text in its phone, once an id; return it, or None when it was there."""
        posted.answers.append(202)
        if posted.text is not None:
            self._touch(posted.address).version = self.changes.note()
            return None
        posted.text = self._put(posted.id, posted.address, sender, text, outcome=outcome)
        return posted.text

    def refuse(self, posted: Posting, status: int) -> None:
        """Count a post that was refused with this HTTP status."""
        posted.answers.append(status)
        self.refuse_mail(posted.address)

    def receive_mail(self, id: str, mailbox: str, sender: str, subject: str, text: str) -> Text:
        """Put an e-mail in a mailbox. SMTP knows no repeated ids: twice sent is twice there."""
        return self._put(id, mailbox, sender, text, subject=subject)

    def refuse_mail(self, address: str) -> None:
        """Count a text or an e-mail that this address refused."""
        phone = self._touch(address)
        phone.refused += 1
        phone.version = self.changes.note()

    def posting(self, id: str, address: str) -> Posting:
        """Return the record of this id, made when it is new."""
        posted = self._postings.get(id)
        if posted is None:
            posted = self._postings[id] = Posting(id, address)
        return posted

    def find(self, id: str) -> Posting | None:
        """Return the record of a posted id."""
        return self._postings.get(id)

    def holds(self, text: Text) -> bool:
        """Tell whether this very text is still here, which a reset ends."""
        posted = self._postings.get(text.id)
        return posted is not None and posted.text is text

    def times_posted(self, text: Text) -> int:
        """Return how often a text's id was posted, refusals included; 1 for e-mail."""
        posted = self._postings.get(text.id)
        return 1 if posted is None else len(posted.answers)

    def phone(self, address: str) -> Phone:
        """Return a phone or mailbox, empty when nothing has come to it."""
        return self._phones.get(address) or Phone(address)

    def newest_first(self) -> Iterator[Phone]:
        """Walk all phones and mailboxes, the one with the newest activity first."""
        return reversed(self._phones.values())

    def __len__(self) -> int:
        return len(self._phones)

    def settle(self, text: Text, receipt: ReceiptState) -> None:
        """Note what became of a text's receipt."""
        text.receipt = receipt
        self.show_again(text.address)

    def show_again(self, address: str) -> None:
        """Have viewers draw an address again, without counting it as activity."""
        version = self.changes.note()
        if (phone := self._phones.get(address)) is not None:
            phone.version = version

    def clear(self) -> None:
        """Forget everything."""
        self._phones.clear()
        self._postings.clear()
        self.texts = 0
        self.changes.note()

    def _put(
        self,
        id: str,
        address: str,
        sender: str,
        text: str,
        *,
        subject: str | None = None,
        outcome: Outcome = "delivered",
    ) -> Text:
        reference = f"{self._prefix}-{next(self._numbers)}"
        new = Text(id, address, sender, subject, text, reference, time.time(), outcome)
        phone = self._touch(address)
        phone.texts.append(new)
        phone.version = self.changes.note()
        self.texts += 1
        return new

    def _touch(self, address: str) -> Phone:
        # A dict keeps the order of insertion: putting a phone back in makes it the newest.
        phone = self._phones.pop(address, None) or Phone(address)
        self._phones[address] = phone
        return phone
