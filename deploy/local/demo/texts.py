"""Waiting until everybody has been told, by asking the notifications service."""

import time
from collections.abc import Iterable
from typing import Any

from deploy.bootstrap.failure import DeployError
from deploy.local.demo.client import Api
from deploy.local.demo.desk import Family

# `held` waits for a decent hour, and a reminder for the day before: neither ends while we watch.
_UNSETTLED = {"pending", "sending"}
_LONG_PLANNED = "reminder"
# No mail server sends a receipt: an e-mail that was taken has come as far as we ever learn.
_HAS_RECEIPT = "sms"

Notification = dict[str, Any]


class Texts:
    """The notifications of one event to the families of this run."""

    def __init__(self, notifications: Api, event_id: str, families: Iterable[Family]) -> None:
        self._notifications = notifications
        self._event_id = event_id
        self._families = {family.id: family for family in families}

    def all(self) -> list[Notification]:
        """Return them all, the oldest first: `GET /v1/notifications?event_id=…`."""
        found = self._notifications.items("/v1/notifications", event_id=self._event_id)
        ours = [item for item in found if item["family_id"] in self._families]
        return sorted(ours, key=lambda item: (item["created_at"], item["id"]))

    def wait_for(self, kind: str, families: Iterable[Family], seconds: float = 60) -> None:
        """Return when each family has a notification of this kind and none is under way.

        Prints a line whenever it has got further. Raises DeployError after `seconds`, naming
        who was not told.
        """
        wanted = {family.id for family in families}
        until = time.monotonic() + seconds
        shown = ""
        while True:
            items = self.all()
            told = {item["family_id"] for item in items if item["kind"] == kind} & wanted
            under_way = [item for item in items if _is_under_way(item)]
            line = f"  {kind}: {len(told)} of {len(wanted)} families, {len(under_way)} under way"
            if line != shown:
                print(line, flush=True)
                shown = line
            if told == wanted and not under_way:
                return
            if time.monotonic() > until:
                raise DeployError(self._late(kind, wanted - told, under_way, seconds))
            time.sleep(0.3)

    def _late(
        self, kind: str, missing: set[str], under_way: list[Notification], seconds: float
    ) -> str:
        late = f"after {seconds:.0f} s "
        if missing:
            names = ", ".join(sorted(self._families[id].name for id in missing))
            return late + f"these families had no {kind}: {names}"
        ids = ", ".join(f"{item['id']} ({item['status']})" for item in under_way[:5])
        return late + f"{len(under_way)} notifications were still under way: {ids}"


def _is_under_way(item: Notification) -> bool:
    if item["kind"] == _LONG_PLANNED:
        return False
    awaits_receipt = item["status"] == "sent" and item["channel"] == _HAS_RECEIPT
    return item["status"] in _UNSETTLED or awaits_receipt
