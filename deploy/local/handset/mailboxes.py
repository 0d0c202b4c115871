"""SMTP (RFC 5321) for any recipient: e-mail is decoded and put in its mailbox."""

import asyncio
import email
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.handset.behaviours import Behaviour, Behaviours, Mode
from deploy.local.handset.memory import Memory

_LARGEST = 5 * 1024 * 1024
_REFUSALS = {
    Mode.FAIL: "550 5.1.1 This mailbox does not exist",
    Mode.TOO_MANY: "450 4.7.1 Too many messages, try again later",
    Mode.BROKEN: "451 4.3.0 The server has a fault, try again later",
}


class Mailboxes:
    """An SMTP handler: the methods' names and answers are aiosmtpd's."""

    def __init__(self, memory: Memory, behaviours: Behaviours) -> None:
        self._memory = memory
        self._behaviours = behaviours

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take any recipient but one whose switch says no."""
        mailbox = address.lower()
        refusal = _REFUSALS.get(self._behaviours.of(mailbox).mode)
        if refusal is not None:
            self._memory.refuse_mail(mailbox)
            return refusal
        envelope.rcpt_tos.append(mailbox)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Put the e-mail in each recipient's mailbox, after the slowest one's wait."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        id, subject, text = read_mail(content)
        behaviours = [self._behaviours.of(mailbox) for mailbox in envelope.rcpt_tos]
        await asyncio.sleep(max(_waits(behaviours, Mode.SLOW)))
        for mailbox in envelope.rcpt_tos:
            self._memory.receive_mail(id, mailbox, envelope.mail_from or "", subject, text)
        await asyncio.sleep(max(_waits(behaviours, Mode.TIME_OUT)))
        return "250 OK"

    @asynccontextmanager
    async def listening(self, sock: socket.socket) -> AsyncIterator[None]:
        """Speak SMTP on this socket while the block runs."""
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            return SMTP(
                self, loop=loop, hostname="handset", data_size_limit=_LARGEST, enable_SMTPUTF8=True
            )

        server = await loop.create_server(session, sock=sock)
        try:
            yield
        finally:
            server.close()


def read_mail(content: bytes) -> tuple[str, str, str]:
    """Return id (the Message-ID without its brackets), subject and text of an e-mail.

    Any charset is decoded; bytes that a charset does not have, or one that Python does not
    know, become U+FFFD rather than an error. HTML alone is shown as its text.
    """
    mail = email.message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - what the default policy makes
    id = str(mail["Message-ID"] or "").strip().strip("<>") or str(uuid4())
    return id, str(mail["Subject"] or ""), _text(mail).replace("\r\n", "\n").strip()


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    text = _decode(raw, part.get_content_charset("utf-8"))
    return _without_tags(text) if part.get_content_subtype() == "html" else text


def _decode(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset, errors="replace")
    except LookupError:
        return raw.decode("utf-8", errors="replace")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in {"style", "script"}
        if tag in {"br", "p", "div", "li", "tr", "h1", "h2", "h3"}:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def _without_tags(html: str) -> str:
    parser = _Words()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.words).splitlines())
    return "\n".join(line for line in lines if line)


def _waits(behaviours: list[Behaviour], mode: Mode) -> list[float]:
    return [0.0, *(behaviour.wait for behaviour in behaviours if behaviour.mode is mode)]
