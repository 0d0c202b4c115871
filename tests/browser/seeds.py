"""What stands in the register while pages are looked at: families and events that look real."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aio_pika

from shared.ids import new_id
from tests.support import bodies, lists
from tests.support.bodies import Body
from tests.support.dead_letters import park
from tests.support.desk import Desk, answered
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually


@dataclass(frozen=True)
class Seeds:
    """The ids of what was made."""

    families: list[Body]
    event: Body
    confirmed: Body
    waiting: Body
    case: str
    merge: str
    upload: str
    receipt: str
    erasure: str
    member: str
    dead_letter: str


def family(
    head: str, surname: str, village: str, *others: tuple[str, str, str], district: str = "AZ-AGM"
) -> Body:
    """Make the body of a family: others are (given name, relation, birth date)."""
    phone = bodies.phone()
    members = [
        bodies.person(given_name=head, family_name=surname, phone=phone, patronymic="Vaqif oğlu")
    ]
    for name, relation, born in others:
        woman = name[-1] in "əa" or name in {"Aytən", "Günel"}
        members.append(
            bodies.person(
                given_name=name,
                family_name=f"{surname}a" if woman else surname,
                patronymic=f"{head} {'qızı' if woman else 'oğlu'}",
                sex="female" if woman else "male",
                birth_date=born,
                phone=None,
                relation=relation,
            )
        )
    body = bodies.family(bodies.Place(district, "AZ-BAR"), *members)
    for member, (_, relation, _) in zip(members[1:], others, strict=True):
        member["relation"] = relation
    body["origin"]["settlement"] = village
    body["residence"]["settlement"] = "Bərdə"
    body["residence"]["address"] = "Nizami küçəsi 14"
    return body


def event(days: int, title: dict[str, str], capacity: int, **other: Any) -> Body:
    """Make the body of an event in Barda at ten in the morning."""
    starts_at = (datetime.now(UTC) + timedelta(days=days)).replace(
        hour=6, minute=0, second=0, microsecond=0
    )
    return {
        **bodies.event(bodies.Place("AZ-AGM", "AZ-BAR"), capacity=capacity),
        "title": title,
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
        "enrolment_closes_at": (starts_at - timedelta(hours=12)).isoformat(),
        "venue": {
            "name": "Bərdə Mədəniyyət Mərkəzi",
            "district": "AZ-BAR",
            "address": "Heydər Əliyev prospekti 12",
        },
        **other,
    }


async def sow(desk: Desk) -> Seeds:
    """Register families and publish two events; the third family waits at the first one.

    One family is registered twice, one is erased; a list with mistakes waits to be looked at.
    """
    families = [
        await desk.register(body)
        for body in (
            family(
                "Əli",
                "Həsənov",
                "Novruzlu",
                ("Səbinə", "spouse", "1966-05-14"),
                ("Murad", "child", "1994-11-30"),
                ("Aytən", "child", "1998-07-08"),
            ),
            family(
                "Ülvi", "Çıraqov", "Güləbird", ("Könül", "spouse", "1980-01-21"), district="AZ-LAC"
            ),
            family(
                "İlqar",
                "Şükürov",
                "Ağcakənd",
                ("Günel", "spouse", "1985-09-02"),
                ("Əsgər", "child", "2012-02-19"),
                district="AZ-KAL",
            ),
        )
    ]
    seminar = await desk.publish(
        event(
            9,
            {
                "az": "Böyük Qayıdış: məlumat seminarı",
                "en": "The Great Return: information seminar",
                "ru": "Великое возвращение: информационный семинар",
            },
            7,
        )
    )
    await desk.publish(
        event(
            16,
            {
                "az": "Mina təhlükəsi üzrə təlim",
                "en": "Mine danger training",
                "ru": "Обучение минной безопасности",
            },
            60,
        )
    )
    confirmed = await desk.enrol(seminar["id"], families[0])
    await desk.enrol(seminar["id"], families[1])
    waiting = await desk.enrol(seminar["id"], families[2])
    return Seeds(
        families,
        seminar,
        confirmed,
        waiting,
        case=await _twice(desk),
        merge=await _merged(desk),
        upload=await _list(desk),
        receipt=await _allowed(desk, families[0]),
        erasure=await _erased(desk),
        member=await _account(desk),
        dead_letter=await _dead_letter(desk),
    )


async def case_of(desk: Desk, *families: Body) -> str:
    """Wait for the case of families that are likely one."""
    wanted = sorted(each["id"] for each in families)

    async def look() -> str:
        answer = await desk.registration.get("/v1/duplicates", params={"family_id": wanted[0]})
        cases = answer.json()["items"]
        found = [each["id"] for each in cases if sorted(each["families"]) == wanted]
        assert len(found) == 1
        return str(found[0])

    return await eventually(look, 20)


async def _twice(desk: Desk) -> str:
    """Register a family, and once more as another desk might have typed it."""
    first = family("Rəşad", "Quliyev", "Şelli", ("Lalə", "spouse", "1969-04-17"))
    second = deepcopy(first)
    for member, name in zip(second["members"], ("Resad", "Lale"), strict=True):
        member.update(given_name=name, fin=None, patronymic=None)
    second["members"][0]["phone"] = bodies.phone()
    second["residence"]["address"] = "Nizami küç., ev 14"
    return await case_of(desk, await desk.register(first), await desk.register(second))


async def _merged(desk: Desk) -> str:
    """Register somebody twice, and make it one registration."""
    body = family("Sahib", "Nağıyev", "Kəngərli")
    kept = await desk.register(body)
    body["members"][0].update(fin=None, given_name="Saib", phone=bodies.phone())
    merged = await desk.register(body)
    one, two = kept["members"][0]["id"], merged["members"][0]["id"]
    body = {
        "kept_family_id": kept["id"],
        "kept_version": kept["version"],
        "merged_family_id": merged["id"],
        "merged_version": merged["version"],
        "pairs": [{"kept_person_id": one, "merged_person_id": two}],
        "reason": "Eyni ailə iki dəfə yazılıb",
    }
    return str((await answered(desk.registration.post("/v1/merges", json=body)))["id"])


async def _list(desk: Desk) -> str:
    """Upload a list of which some rows are wrong, and wait for the end of its dry run."""
    listed = [
        *lists.rows(4),
        lists.row(5, Soyadı="Babayev", Adı="Elçin", Doğum="31.02.1980"),
        lists.row(6, Soyadı="Səfərova", Adı="Nərgiz", Cinsi="qadın", FIN="5ABCDO1"),
        lists.row(7, Soyadı="Orucov", Adı="Tofiq", Telefon="12"),
    ]
    return str((await lists.checked(desk.registration, lists.as_csv(listed), "Ağdam.csv"))["id"])


async def _allowed(desk: Desk, of: Body) -> str:
    """Let a family allow photographs and take them back; gives the receipt of the first."""
    path = f"/v1/families/{of['id']}/consents"
    today = datetime.now(UTC).date().isoformat()
    body = {"basis": "consent", "given_by": "head", "given_on": today, "channel": "paper"}
    made = [
        await answered(desk.registration.post(path, json={**body, "purpose": purpose}))
        for purpose in ("photographs", "programme_statistics")
    ]
    taken = {"reason": "Mətbuatda şəkil istəmir", "channel": "phone"}
    await answered(desk.registration.post(f"{path}/photographs/withdraw", json=taken))
    return str(made[1]["id"])


async def _erased(desk: Desk) -> str:
    """Erase a family."""
    gone = await desk.register(family("Nadir", "Abbasov", "Gülablı"))
    body = {"family_id": gone["id"], "basis": "consent_withdrawn", "reason": "Ərizə № 17"}
    return str((await answered(desk.registration.post("/v1/erasures", json=body)))["id"])


async def _dead_letter(desk: Desk) -> str:
    """Park what the notifications service failed on, and what nobody can read."""
    story = Story()
    failed = [message(story.contact(), story.person, version) for version in (1, 2)]
    await park(desk.system, failed)
    reason = "UnreadableMessageError: not a CloudEvent: body: Invalid JSON"
    unread = aio_pika.Message(b"no message at all", message_id=str(new_id()))
    await park(desk.system, [unread], exception="UnreadableMessageError", reason=reason)
    operator = desk.system.client("notifications", "operator")
    path, query = "/v1/dead-letters", {"exception": "KeyError"}
    listed = await answered(operator.get(path, params=query))
    dropped = {"reason": "İki dəfə göndərilib"}
    await answered(operator.post(f"{path}/{listed['items'][1]['ref']}/drop", json=dropped))
    return str(listed["items"][0]["ref"])


async def _account(desk: Desk) -> str:
    """Give somebody an account; it waits for its first sign-in."""
    body = {
        "login": f"tural.{uuid4().hex[:4]}",
        "name": "Tural Məmmədli",
        "roles": ["registrar"],
        "district": "AZ-BAR",
    }
    operator = desk.system.client("registration", "operator")
    return str((await answered(operator.post("/v1/staff", json=body)))["id"])
