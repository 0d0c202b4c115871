"""Whose keys sign tokens, told apart by their public half."""

from typing import Literal

Signer = Literal["operator", "staff"]

SIGNER = "qayidis_signer"
"""The member of a public JWK (RFC 7517, section 4) that says whose key it is."""

STAFF_SUBJECT = "staff:"
"""How the subject of a member of the staff begins; only the staff's key may sign such a one."""
