"""What stands in the register while pages are looked at: families and events that look real."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support import bodies
from tests.support.bodies import Body
from tests.support.desk import Desk


@dataclass(frozen=True)
class Seeds:
    """The ids of what was made."""

    families: list[Body]
    event: Body
    confirmed: Body
    waiting: Body


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
    """Register three families and publish two events; the last family waits at the first one."""
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
    return Seeds(families, seminar, confirmed, waiting)
