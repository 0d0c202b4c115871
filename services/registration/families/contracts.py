"""What is told of families."""

from collections.abc import Collection
from uuid import UUID

from services.registration.families.domain import Family, Person
from shared.contracts import registration as told
from shared.messaging.outbox import Outgoing


def registered(family: Family) -> list[Outgoing]:
    """What is told of a new family and each of its members."""
    data = told.FamilyRegistered(**_family(family))
    return [
        Outgoing(data, family.id, family.version),
        *(_contact(family, person) for person in family.persons),
    ]


def changed(
    before: Family,
    after: Family,
    moved: Collection[UUID] = (),
    erasure_id: UUID | None = None,
) -> list[Outgoing]:
    """What is told of a changed family: each member that is new, changed or gone.

    Of `moved`, persons that another family takes over, that family tells.
    """
    known = {person.id: person for person in before.persons}
    kept = {person.id for person in after.persons}
    changed = [
        person
        for person in after.persons
        if person.id not in known or person.version != known[person.id].version
    ]
    return [
        Outgoing(told.FamilyChanged(**_family(after)), after.id, after.version),
        *(_contact(after, person) for person in changed),
        *(
            Outgoing(
                told.ContactErased(person_id=person.id, erasure_id=erasure_id),
                person.id,
                person.version + 1,
            )
            for person in before.persons
            if person.id not in kept and person.id not in moved
        ),
    ]


def _family(family: Family) -> dict[str, object]:
    return {
        "family_id": family.id,
        "origin": told.Origin(district=family.origin.district, settlement=family.origin.settlement),
        "residence": told.Residence(district=family.residence.district),
        "members": len(family.persons),
    }


def _contact(family: Family, person: Person) -> Outgoing:
    member = person.member
    contact = told.ContactChanged(
        person_id=person.id,
        family_id=family.id,
        given_name=member.given_name,
        family_name=member.family_name,
        phone=member.phone,
        email=member.email,
        language=member.language,
        origin_district=family.origin.district,
        residence_district=family.residence.district,
        may_notify=family.may_notify,
    )
    return Outgoing(contact, person.id, person.version)
