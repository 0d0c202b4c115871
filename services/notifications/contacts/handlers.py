"""What happens when a person's contact changes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.contacts.queries import keep_newer
from services.notifications.deliveries.erasing import forget_recipients
from services.notifications.deliveries.invitations import invite_newly_known, join_audience
from services.notifications.deliveries.silencing import silence
from shared.contracts.envelope import Message
from shared.contracts.notifications import ContactErasureConfirmed
from shared.contracts.registration import ContactChanged, ContactErased
from shared.messaging.dead_letters.records import forget_messages
from shared.messaging.inbox import cause_of
from shared.messaging.outbox import Outgoing, tell


async def remember_contacts(
    session: AsyncSession, messages: Sequence[Message[ContactChanged]]
) -> None:
    """Keep the newest of each contact; who should have been invited already, is now.

    Nothing leaves any more to those who may not be told: what waited is suppressed.
    """
    await join_audience(session)
    newest = _newest(_from_changed(message) for message in messages)
    changed = set(await keep_newer(session, newest))
    causes = {message.data.person_id: cause_of(message) for message in messages}
    await invite_newly_known(session, {person: causes[person] for person in changed})
    muted = [each["person_id"] for each in newest if not each["may_notify"]]
    await silence(session, [person for person in muted if person in changed])


async def forget_contacts(
    session: AsyncSession, messages: Sequence[Message[ContactErased]]
) -> None:
    """Drop all that was known of a person but the id, so that a late message cannot revive it."""
    changed = await keep_newer(session, _newest(_from_erased(message) for message in messages))
    await silence(session, changed)
    erased = [message for message in messages if message.data.erasure_id is not None]
    if erased:
        persons = [message.data.person_id for message in erased]
        await forget_recipients(session, persons)
        await forget_messages(session, [str(each) for each in persons])
        await tell(session, *(_confirmed(message) for message in erased))


def _confirmed(message: Message[ContactErased]) -> Outgoing:
    person_id, erasure_id = message.data.person_id, message.data.erasure_id
    if erasure_id is None:
        raise LookupError("only an erasure is confirmed")
    told = ContactErasureConfirmed(person_id=person_id, erasure_id=erasure_id)
    return Outgoing(told, person_id, message.version, cause_of(message))


def _from_changed(message: Message[ContactChanged]) -> dict[str, Any]:
    return {
        **message.data.model_dump(),
        "version": message.version,
        "known_since": message.envelope.time,
        "erased": False,
    }


def _from_erased(message: Message[ContactErased]) -> dict[str, Any]:
    gone = dict.fromkeys(name for name in ContactChanged.model_fields)
    return {
        **gone,
        "person_id": message.data.person_id,
        "may_notify": False,
        "version": message.version,
        "known_since": message.envelope.time,
        "erased": True,
    }


def _newest(contacts: Any) -> list[dict[str, Any]]:
    by_person: dict[Any, dict[str, Any]] = {}
    for contact in contacts:
        known = by_person.setdefault(contact["person_id"], contact)
        since = min(known["known_since"], contact["known_since"])
        newer = known if known["version"] >= contact["version"] else contact
        by_person[contact["person_id"]] = {**newer, "known_since": since}
    return list(by_person.values())
