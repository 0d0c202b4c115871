"""Who publishes for a service: the one session that holds its advisory lock."""

import asyncio
import time

import asyncpg
from sqlalchemy import text

from shared.database import Sessions
from shared.metrics import RELAY_LEADING

LEADING = "leading"
STANDING_BY = "standing by"
TAKING_OVER = "taking over"

# A bigint key stands in pg_locks as two halves, the upper one in classid.
_HOLDER = text("""
SELECT pg_locks.pid, coalesce(activity.application_name, '')
FROM pg_locks LEFT JOIN pg_stat_activity AS activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((classid::bigint << 32) | objid::bigint) = hashtext(:name)::bigint
""")


def lock_name(service: str) -> str:
    """Name the lock of a service's relay; its sessions have the same application name."""
    return f"{service} relay"


async def take_lead(database: asyncpg.Connection, lead: "Lead", poll: float) -> None:
    """Wait until this session has the lock."""
    # Tried again and again instead of waited for: a waiting statement would hold back vacuum.
    while not await database.fetchval(
        "SELECT pg_try_advisory_lock(hashtext($1))", lock_name(lead.service)
    ):
        lead.become(STANDING_BY)
        await asyncio.sleep(poll)
    lead.become(TAKING_OVER)


class Lead:
    """What this process's relay does, and whether somebody publishes; times in seconds.

    `hand_over` is how long nobody may lead while one relay follows another; `silence` how long a
    leader may be quiet before it counts as stuck.
    """

    def __init__(self, service: str, *, hand_over: float, silence: float) -> None:
        self.service = service
        self.state = "starting"
        RELAY_LEADING.labels(service).set(0)
        self._hand_over = hand_over
        self._silence = silence
        self._alive_at = self._somebody_at = time.monotonic()

    def become(self, state: str) -> None:
        """Note what the relay does now."""
        if state == STANDING_BY or (state == TAKING_OVER and self.state != TAKING_OVER):
            self._somebody_at = time.monotonic()
        self.state = state
        RELAY_LEADING.labels(self.service).set(state == LEADING)
        self.alive()

    def alive(self) -> None:
        """Note that the relay is at work."""
        self._alive_at = time.monotonic()

    async def check(self, sessions: Sessions) -> str | None:
        """Readiness: why nobody publishes for the service; None when somebody does."""
        quiet = time.monotonic() - self._alive_at
        if self.state == LEADING:
            stuck = f"this process leads, yet is stuck for {quiet:.0f} s"
            return f"nobody publishes: {stuck}" if quiet > self._silence else None
        if self.state == TAKING_OVER:
            return (
                None if self._handing_over() else "nobody publishes: the lead is taken too slowly"
            )
        if self.state == STANDING_BY:
            return await self._check_holder(sessions)
        return self.state

    async def _check_holder(self, sessions: Sessions) -> str | None:
        async with sessions() as session:
            holder = (await session.execute(_HOLDER, {"name": lock_name(self.service)})).first()
        if holder is None:
            if self._handing_over():
                return None
            return f"nobody publishes: no session holds the lock {lock_name(self.service)!r}"
        pid, application = holder
        if application != lock_name(self.service):
            return (
                f"nobody publishes: the lock {lock_name(self.service)!r} is held by {application!r}"
                f" (process {pid} of Postgres), which is no relay"
            )
        self._somebody_at = time.monotonic()
        return None

    def _handing_over(self) -> bool:
        return time.monotonic() - self._somebody_at <= self._hand_over
