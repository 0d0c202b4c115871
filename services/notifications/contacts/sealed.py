"""Addresses sealed at rest, and the keyed index by which those who share one are found."""

from services.notifications.contacts.tables import ADDRESS
from shared.sealing import Sealer


def seal_address(sealer: Sealer, address: str) -> bytes:
    """Seal a phone or a mailbox, so that it may be copied from a contact to a notification."""
    return sealer.seal(address, ADDRESS)


def open_address(sealer: Sealer, sealed: bytes) -> str:
    """Open a phone or a mailbox.

    Raises:
        SealError: a key is gone, or the row was changed by somebody else.
    """
    return sealer.open(sealed, ADDRESS)


def address_index(sealer: Sealer, address: str) -> bytes:
    """Index a phone or a mailbox."""
    return sealer.index(address, ADDRESS)
