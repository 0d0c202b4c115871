"""Families to which one thing each may happen, and the bodies that say so, for fuzzing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.support import bodies
from tests.support.bodies import Body
from tests.support.desk import Desk, answered

_CHANGES = ("births", "deaths", "moves", "head", "split", "join")


@dataclass(frozen=True)
class Lives:
    """Ids by the path parameter of one operation, and its right body."""

    known: Mapping[str, list[str]]
    right: Mapping[str, Callable[[], Body]]


async def lives(desk: Desk) -> Lives:
    """Register a family for each change, two pairs to merge, and merge one of them."""
    at = bodies.place()
    family = {each: await desk.register(bodies.household(at, 6)) for each in _CHANGES}
    joining = await desk.register(bodies.household(at, 2))
    pairs = [[await desk.register(bodies.household(at, 2)) for _ in range(2)] for _ in range(3)]
    made = [
        await answered(desk.registration.post("/v1/merges", json=_merge(*each)))
        for each in pairs[1:]
    ]
    child = bodies.person(fin=None, phone=None, relation="child", birth_date="2026-11-20")
    of = {each: [member["id"] for member in family[each]["members"]] for each in _CHANGES}
    right: dict[str, Body] = {
        "births": {"member": child},
        "deaths": {"person_id": of["deaths"][2], "died_on": "2026-11-01"},
        "moves": {"residence": {"district": "AZ-LAC", "settlement": "Laçın"}},
        "head": {"person_id": of["head"][1]},
        "split": {"person_ids": of["split"][2:4], "head_id": of["split"][2]},
        "join": {
            "other_family_id": joining["id"],
            "relations": {joining["members"][0]["id"]: "other"},
        },
    }
    changes = {f"POST /v1/families/{{family_id}}/{each}": each for each in _CHANGES}
    return Lives(
        known={
            **{f"{label} family_id": [family[each]["id"]] for label, each in changes.items()},
            "merge_id": [each["id"] for each in made],
        },
        right={
            **{label: _copied(right[each]) for label, each in changes.items()},
            "POST /v1/merges": lambda: _merge(*pairs[0]),
            "POST /v1/merges/{merge_id}/undo": lambda: {"reason": "Cousins"},
        },
    )


def _copied(body: Body) -> Callable[[], Body]:
    return lambda: dict(body)


def _merge(kept: Body, merged: Body) -> Body:
    pairs = [
        {"kept_person_id": one["id"], "merged_person_id": two["id"]}
        for one, two in zip(kept["members"], merged["members"], strict=True)
    ]
    return {
        "kept_family_id": kept["id"],
        "kept_version": kept["version"],
        "merged_family_id": merged["id"],
        "merged_version": merged["version"],
        "pairs": pairs,
        "reason": "Registered twice",
    }
