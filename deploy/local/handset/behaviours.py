"""What a phone or mailbox does with the next text: deliver it, or misbehave in a known way."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from deploy.local.handset.addresses import is_mailbox


class Mode(StrEnum):
    """The position of the switch."""

    DELIVER = "deliver"
    FAIL = "fail"
    FAIL_ON_DELIVERY = "fail_on_delivery"
    SLOW = "slow"
    TIME_OUT = "time_out"
    TOO_MANY = "429"
    BROKEN = "500"


MEANING = {
    Mode.DELIVER: "Deliver",
    Mode.FAIL: "Refuse for good (400)",
    Mode.FAIL_ON_DELIVERY: "Accept, then fail",
    Mode.SLOW: "Answer slowly",
    Mode.TIME_OUT: "Accept, never answer",
    Mode.TOO_MANY: "Too many (429)",
    Mode.BROKEN: "Server error (500)",
}

DEFAULT_SECONDS = {Mode.SLOW: 5.0, Mode.TIME_OUT: 120.0, Mode.TOO_MANY: 1.0}


class Behaviour(BaseModel):
    """A mode and its seconds.

    `seconds` is how long a slow answer takes, how long an answer is withheld after accepting
    (then 504), or the `Retry-After` of a 429. Other modes have no use for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode
    seconds: float | None = Field(None, gt=0, le=600)

    @property
    def wait(self) -> float:
        """Seconds that apply: those given, or the mode's default."""
        return self.seconds or DEFAULT_SECONDS.get(self.mode, 0.0)


DELIVER = Behaviour(mode=Mode.DELIVER)


class Behaviours:
    """The switch of every address; one that was never touched delivers."""

    def __init__(self) -> None:
        self._set: dict[str, Behaviour] = {}

    def of(self, address: str) -> Behaviour:
        """Return what this address does with the next text."""
        return self._set.get(address, DELIVER)

    def put(self, address: str, behaviour: Behaviour) -> None:
        """Turn the switch. Raises ValueError for a mode that the address cannot have."""
        if behaviour.mode is Mode.FAIL_ON_DELIVERY and is_mailbox(address):
            raise ValueError("a mailbox sends no receipts, so it cannot fail on delivery")
        if behaviour.mode is Mode.DELIVER:
            self._set.pop(address, None)
        else:
            self._set[address] = behaviour

    def all(self) -> dict[str, Behaviour]:
        """Return the switches that are not on `deliver`."""
        return dict(self._set)

    def clear(self) -> None:
        """Put every switch back to `deliver`."""
        self._set.clear()
