"""What is told of merges."""

from services.registration.merges.domain import Merge
from shared.contracts import registration as told
from shared.messaging.outbox import Outgoing


def merged(made: Merge) -> Outgoing:
    """What is told when two registrations became one."""
    return Outgoing(told.PersonsMerged(**_facts(made)), made.id, 1)


def unmerged(made: Merge) -> Outgoing:
    """What is told when they are two again."""
    return Outgoing(told.PersonsUnmerged(**_facts(made)), made.id, 2)


def _facts(made: Merge) -> dict[str, object]:
    return {
        "merge_id": made.id,
        "kept_family_id": made.kept_before.id,
        "merged_family_id": made.merged_before.id,
        "family_closed": made.plan.scope == "families",
        "persons": [
            told.Replacement(kept_person_id=kept, merged_person_id=gone)
            for gone, kept in made.replaced.items()
        ],
    }
