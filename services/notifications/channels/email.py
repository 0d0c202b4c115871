"""E-mail over SMTP (RFC 5321), for who has no phone."""

from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.notifications.channels.base import (
    Accepted,
    Doubt,
    Outcome,
    Outgoing,
    Refused,
    TryLater,
)


class EmailChannel:
    """Hands each text to the mail server at `smtp://[user:password@]host:port`."""

    def __init__(self, url: str, *, sender: str, seconds: float) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._port = parts.port or 25
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = parts.scheme == "smtps"
        self._sender = sender
        self._seconds = seconds

    async def hand_over(self, outgoing: Outgoing) -> Outcome:
        """Send one e-mail; the Message-ID (RFC 5322) is made of the notification's id."""
        smtp = aiosmtplib.SMTP(
            hostname=self._host, port=self._port, timeout=self._seconds, use_tls=self._tls
        )
        try:
            await smtp.connect(username=self._user, password=self._password)
        except (aiosmtplib.SMTPException, OSError) as failure:
            return TryLater(f"not connected: {type(failure).__name__}")
        try:
            await smtp.send_message(self._message(outgoing))
        except aiosmtplib.SMTPRecipientsRefused as failure:
            codes = [refused.code for refused in failure.recipients]
            return _refusal(max(codes, default=550))
        except aiosmtplib.SMTPResponseException as failure:
            return _refusal(failure.code)
        except (aiosmtplib.SMTPException, OSError) as failure:
            return Doubt(f"no answer: {type(failure).__name__}")
        finally:
            smtp.close()
        return Accepted(None)

    async def close(self) -> None:
        """Nothing is kept open between e-mails."""

    def _message(self, outgoing: Outgoing) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = outgoing.address
        message["Subject"] = outgoing.subject
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{outgoing.id}@{self._sender.rpartition('@')[2].rstrip('>')}>"
        message["traceparent"] = outgoing.traceparent
        message.set_content(outgoing.text)
        return message


def _refusal(code: int) -> Outcome:
    # RFC 5321, 4.2.1: 4yz is transient, 5yz is permanent.
    return TryLater(f"answered {code}") if 400 <= code < 500 else Refused(f"answered {code}")
