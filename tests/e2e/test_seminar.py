"""The seminar, from the registration desk to the phones, on the running system."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.support import bodies
from tests.support.bodies import Body, person
from tests.support.desk import Desk, answered


def next_week(hour: int) -> datetime:
    """That hour, in UTC, seven days from now; in Baku it is four hours later."""
    day = datetime.now(UTC) + timedelta(days=7)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def lasting(start: datetime) -> Body:
    return {
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=3)).isoformat(),
        "enrolment_closes_at": (start - timedelta(hours=16)).isoformat(),
    }


def phone_of(family: Body, member: int = 0) -> str:
    return str(family["members"][member]["phone"])


async def test_everyone_in_the_audience_is_invited_once_a_phone_in_their_own_language(
    desk: Desk,
) -> None:
    at, elsewhere = bodies.place(), bodies.place()
    shared = bodies.phone()
    azeri = await desk.register(
        bodies.family(
            at, person(given_name="Əli", phone=shared), person(given_name="Səbinə", phone=shared)
        )
    )
    mixed = await desk.register(
        bodies.family(
            at,
            person(given_name="Rəşid", family_name="Məmmədov", language="ru"),
            person(given_name="Leyla", family_name="Cəfərova", language="en"),
        )
    )
    stranger = await desk.register(bodies.family(elsewhere))
    event = await desk.publish(bodies.event(at, **lasting(next_week(10))))
    title = event["title"]

    [az] = await desk.received(shared, 1)
    [ru] = await desk.received(phone_of(mixed, 0), 1)
    [en] = await desk.received(phone_of(mixed, 1), 1)
    assert "Hörmətli Əli və Səbinə!" in az
    assert "Rəşid Məmmədov" in ru
    assert "Dear Leyla Cəfərova," in en
    for text, language in ((az, "az"), (ru, "ru"), (en, "en")):
        assert title[language] in text
        assert "14:00" in text
        assert "17:00" in text

    told = await desk.settled(3, event_id=event["id"])
    assert {item["kind"] for item in told} == {"invitation"}
    assert {item["status"] for item in told} == {"delivered"}
    assert len(next(t for t in told if t["family_id"] == azeri["id"])["person_ids"]) == 2
    assert all(item["to"][:-2] == "*" * 11 for item in told)
    assert await desk.texts(phone_of(stranger)) == []


async def test_who_has_no_phone_gets_an_e_mail(desk: Desk) -> None:
    at, mailbox = bodies.place(), bodies.email()
    await desk.register(bodies.family(at, person(phone=None, email=mailbox, language="en")))
    event = await desk.publish(bodies.event(at))
    [mail] = await desk.received(mailbox, 1)
    assert event["title"]["en"] in mail
    [told] = await desk.settled(1, event_id=event["id"])
    assert (told["channel"], told["parts"]) == ("email", None)


async def test_without_consent_nothing_leaves_and_that_is_seen(desk: Desk) -> None:
    at = bodies.place()
    family = await desk.register(bodies.family(at, consent=False))
    event = await desk.publish(bodies.event(at))
    await desk.enrol(event["id"], family)
    told = await desk.settled(3, event_id=event["id"])
    assert {item["status"] for item in told} == {"suppressed"}
    assert {item["kind"] for item in told} == {"invitation", "confirmation", "reminder"}
    assert await desk.texts(phone_of(family)) == []


async def test_families_are_seated_whole_wait_whole_and_are_promoted_in_order(desk: Desk) -> None:
    at = bodies.place()
    event = await desk.publish(bodies.event(at, capacity=6))
    four, three, two, one = [
        await desk.register(bodies.household(at, size)) for size in (4, 3, 2, 1)
    ]
    first = await desk.enrol(event["id"], four)
    second = await desk.enrol(event["id"], three)
    third = await desk.enrol(event["id"], two)
    fourth = await desk.enrol(event["id"], one)
    assert [each["status"] for each in (first, second, third, fourth)] == [
        "confirmed",
        "waitlisted",
        "confirmed",
        "waitlisted",
    ]
    assert (second["waiting_position"], fourth["waiting_position"]) == (1, 2)
    assert await desk.seats(event["id"]) == {
        "capacity": 6,
        "confirmed": 6,
        "waitlisted": 4,
        "attended": 0,
    }

    # A text that has not left is superseded by what comes after it: so let these leave first.
    for family in (four, three, two, one):
        await desk.received(phone_of(family), 1)
    await desk.give_up(first)

    assert (await desk.seats(event["id"]))["confirmed"] == 6
    _, cancelled = await desk.received(phone_of(four), 2)
    assert "Ailənizin xahişi ilə" in cancelled
    waiting, promoted = await desk.received(phone_of(three), 2)
    assert "Gözləmə siyahısında sıranız: 1" in waiting
    assert "Yer açıldı" in promoted
    waiting, promoted = await desk.received(phone_of(one), 2)
    assert "sıranız: 2" in waiting
    assert "Yer açıldı" in promoted
    [confirmed] = await desk.received(phone_of(two), 1)
    assert "yer ayrılıb" in confirmed


async def test_a_new_time_is_told_and_the_reminder_moves_with_it(desk: Desk) -> None:
    at = bodies.place()
    event = await desk.publish(bodies.event(at, capacity=2, **lasting(next_week(8))))
    seated = await desk.register(bodies.household(at, 2))
    waiting = await desk.register(bodies.household(at, 1))
    await desk.enrol(event["id"], seated)
    await desk.enrol(event["id"], waiting)
    await desk.received(phone_of(seated), 1)
    await desk.received(phone_of(waiting), 1)

    new = next_week(11) + timedelta(days=2)
    times = {"starts_at": new.isoformat(), "ends_at": (new + timedelta(hours=2)).isoformat()}
    await desk.act(event["id"], "reschedule", {**times, "reason": bodies.reason("Qar")})

    for family in (seated, waiting):
        moved = (await desk.received(phone_of(family), 2))[1]
        assert "15:00" in moved
        assert "17:00" in moved
        assert "Qar az" in moved
    told = await desk.settled(4, event_id=event["id"], family_id=seated["id"])
    old, renewed = [item for item in told if item["kind"] == "reminder"]
    assert (old["status"], renewed["status"]) == ("superseded", "held")
    assert datetime.fromisoformat(renewed["due_at"]) == new - timedelta(days=1)
    told = await desk.settled(2, event_id=event["id"], family_id=waiting["id"])
    assert [item["kind"] for item in told] == ["waiting", "rescheduled"]


async def test_a_cancelled_event_is_told_to_the_enrolled_and_its_reminders_are_given_up(
    desk: Desk,
) -> None:
    at = bodies.place()
    event = await desk.publish(bodies.event(at))
    family = await desk.register(bodies.household(at, 2, language="ru"))
    gone = await desk.register(bodies.household(at, 1))
    await desk.enrol(event["id"], family)
    await desk.give_up(await desk.enrol(event["id"], gone))
    await desk.received(phone_of(family), 1)
    await desk.received(phone_of(gone), 2)

    await desk.act(event["id"], "cancel", {"reason": bodies.reason("Снег")})

    _, cancelled = await desk.received(phone_of(family), 2)
    assert "Снег ru" in cancelled
    told = await desk.settled(3, event_id=event["id"], family_id=family["id"])
    assert {(item["kind"], item["status"]) for item in told} == {
        ("confirmation", "delivered"),
        ("reminder", "superseded"),
        ("cancelled", "delivered"),
    }
    assert len(await desk.texts(phone_of(gone))) == 2
    refused = await desk.registration.post(
        "/v1/enrolments", json={"event_id": event["id"], "family_id": gone["id"]}
    )
    assert refused.status_code == 409, refused.text


async def test_a_reminder_that_is_due_leaves(desk: Desk) -> None:
    at = bodies.place()
    event = await desk.publish(bodies.event(at, days=1 + 4 / 86400))
    family = await desk.register(bodies.household(at, 1))
    await desk.enrol(event["id"], family)
    confirmed, reminder = await desk.received(phone_of(family), 2)
    assert "yer ayrılıb" in confirmed
    assert "Xatırladırıq" in reminder


async def test_who_died_is_not_named_in_a_reminder_and_nobody_is_told_of_the_change(
    desk: Desk,
) -> None:
    at = bodies.place()
    event = await desk.publish(bodies.event(at, days=1 + 12 / 86400))
    family = await desk.register(bodies.household(at, 3))
    await desk.enrol(event["id"], family)
    await desk.received(phone_of(family), 1)
    gone = family["members"][2]
    answer = await desk.registration.post(
        f"/v1/families/{family['id']}/deaths",
        json={"person_id": gone["id"], "died_on": "2026-11-01"},
        headers={"If-Match": f'"{family["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    confirmed, reminder = await desk.received(phone_of(family), 2)
    assert "Murad" in confirmed
    assert "Xatırladırıq" in reminder
    assert "Səbinə" in reminder
    assert "Murad" not in reminder


async def test_a_check_in_counts_once_and_the_same_nonce_changes_nothing(desk: Desk) -> None:
    at = bodies.place()
    event = await desk.publish(bodies.event(at))
    family = await desk.register(bodies.household(at, 3))
    enrolment = await desk.enrol(event["id"], family)
    body = {
        "ticket": enrolment["ticket"],
        "person_ids": enrolment["person_ids"][:2],
        "nonce": str(uuid4()),
        "at": datetime.now(UTC).isoformat(),
    }
    first = await desk.registration.post("/v1/check-ins", json=body)
    again = await desk.registration.post("/v1/check-ins", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (await desk.seats(event["id"]))["attended"] == 2


async def test_a_repeated_call_with_its_key_gets_the_first_answer_and_changes_nothing(
    desk: Desk,
) -> None:
    at = bodies.place()
    event = await desk.publish(bodies.event(at))
    body, headers = bodies.household(at, 2), {"Idempotency-Key": str(uuid4())}
    first = await desk.registration.post("/v1/families", json=body, headers=headers)
    again = await desk.registration.post("/v1/families", json=body, headers=headers)
    other = await desk.registration.post(
        "/v1/families", json=bodies.household(at, 1), headers=headers
    )
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert (again.content, again.headers["Location"]) == (first.content, first.headers["Location"])

    enrolment = {"event_id": event["id"], "family_id": first.json()["id"]}
    headers = {"Idempotency-Key": str(uuid4())}
    answers = [
        await answered(desk.registration.post("/v1/enrolments", json=enrolment, headers=headers))
        for _ in range(3)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert (await desk.seats(event["id"]))["confirmed"] == 2
    assert len(await desk.received(phone_of(body), 1)) == 1
