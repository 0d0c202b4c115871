"""Contracts: the messages that travel through RabbitMQ, one module per publishing service.

A contract in `v1` only ever gains optional fields; anything else is a `v2` beside it.
The generated JSON Schemas lie in `schemas/` and are compared in the tests.
"""

from shared.contracts import events, notifications, registration
from shared.contracts.base import Contract

CONTRACTS: tuple[type[Contract], ...] = (
    *registration.CONTRACTS,
    *events.CONTRACTS,
    *notifications.CONTRACTS,
)
"""Every contract there is, in the order of the table in the README."""
