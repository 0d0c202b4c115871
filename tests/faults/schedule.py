"""When what is done: the same seed gives the same faults in the same order."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.faults.harm import FAULTS, Act


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault, and how long to wait before it (seconds)."""

    name: str
    act: Act
    wait: float


def plan(seed: int, *, wait: float, without: Sequence[str] = ()) -> Iterator[Planned]:
    """Deal the faults for ever, deck by deck; each deck has every fault, shuffled anew."""
    dice = random.Random(seed)
    deck = _deck(FAULTS, without)
    while True:
        for name in dice.sample(deck, len(deck)):
            yield Planned(name, FAULTS[name][0], dice.uniform(0.5, 1.5) * wait)


def one_deck(seed: int, *, wait: float, without: Sequence[str] = ()) -> list[Planned]:
    """Deal every fault once, and a kill for each service, in an order that the seed gives."""
    dice = random.Random(seed)
    names = [each for each in FAULTS if each not in without] + ["kill -9 of one replica"] * 2
    chosen = dice.sample(names, len(names))
    return [Planned(name, FAULTS[name][0], wait) for name in chosen]


def _deck(faults: Mapping[str, tuple[Act, int]], without: Sequence[str]) -> list[str]:
    return [name for name, (_, many) in faults.items() for _ in range(many) if name not in without]
