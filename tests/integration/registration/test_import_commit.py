"""A list put on the register: once, whatever is clicked twice, paused, raced or changed between."""

import asyncio
from uuid import UUID, uuid4

import httpx

from tests.integration.registration.hearing import refused
from tests.support.bodies import fin, household, place
from tests.support.lists import Row, as_csv, as_xlsx, checked, errors, row, rows, until
from tests.support.waiting import eventually
from tests.system import System


def village() -> str:
    """Give out a settlement that no other test's people live in."""
    return f"Kənd {uuid4().hex[:8]}"


async def registered(system: System, settlement: str) -> list[Row]:
    """The families that live there, with what they told and who registered them."""
    async with system.database() as database:
        found = await database.fetch(
            """
            SELECT f.id, (SELECT count(*) FROM registration.persons p WHERE p.family_id = f.id)
                    AS persons,
                (SELECT count(*) FROM registration.outbox o WHERE o.subject = f.id::text) AS told,
                (SELECT array_agg(a.actor || ' ' || a.action) FROM registration.audit_entries a
                    WHERE a.subject_id = f.id) AS acts,
                (SELECT count(*) FROM registration.family_versions v WHERE v.family_id = f.id)
                    AS versions
            FROM registration.families f WHERE f.residence_settlement = $1 ORDER BY f.id
            """,
            settlement,
        )
    return [dict(each) for each in found]


async def commit(client: httpx.AsyncClient, id_: str) -> Row:
    answer = await client.post(f"/v1/imports/{id_}/commit")
    assert answer.status_code == 200, answer.text
    made: Row = answer.json()
    return made


async def test_a_list_becomes_families_as_the_desk_would_register_them(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at = village()
    made = await checked(registrar, as_xlsx([*rows(3, Yaşadığı_yer=at), row(4, FIN="x")]))
    assert made["counts"]["good_families"] == 3
    await commit(registrar, made["id"])
    done = await until(registrar, made["id"], "committed")
    assert (done["counts"]["written"], done["counts"]["bad_families"]) == (3, 1)
    found = await registered(alone, at)
    assert [each["persons"] for each in found] == [3, 3, 3]
    assert all(each["told"] == 1 and each["versions"] == 1 for each in found)
    assert all(len(each["acts"]) == 1 for each in found), found
    assert all(each["acts"][0].endswith(" family.registered") for each in found)
    family = (await registrar.get(f"/v1/families/{found[0]['id']}")).json()
    assert family["origin"] == {"district": "AZ-AGM", "settlement": "Novruzlu"}
    assert family["consent"]["purposes"] == ["event_notifications"]
    assert [each["relation"] for each in family["members"]] == ["head", "child", "child"]
    assert family["members"][0]["birth_date"] == "1961-03-02"


async def test_many_clicks_are_one(registrar: httpx.AsyncClient, alone: System) -> None:
    at = village()
    content = as_csv(rows(40, Yaşadığı_yer=at))
    uploads = await asyncio.gather(
        *(registrar.post("/v1/imports", files={"file": ("a.csv", content)}) for _ in range(8))
    )
    [id_] = {each.json()["id"] for each in uploads}
    assert sorted(each.status_code for each in uploads) == [200] * 7 + [201]
    await until(registrar, id_, "checked")
    await asyncio.gather(*(commit(registrar, id_) for _ in range(8)))
    await until(registrar, id_, "committed")
    assert (await commit(registrar, id_))["state"] == "committed"
    again = await registrar.post("/v1/imports", files={"file": ("a.csv", content)})
    assert (again.status_code, again.json()["id"]) == (200, id_)
    assert len(await registered(alone, at)) == 40


async def test_pausing_resuming_and_cancelling_keep_count(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at = village()
    listed = rows(500, 2, Yaşadığı_yer=at)
    made = await checked(registrar, as_csv(listed))
    url = f"/v1/imports/{made['id']}"
    refused(await registrar.post(f"{url}/pause"), 409, "wrong-state")
    await commit(registrar, made["id"])
    paused = (await registrar.post(f"{url}/pause")).json()
    assert paused["state"] == "paused"
    assert paused["counts"]["written"] == len(await registered(alone, at)) < 500
    await asyncio.sleep(0.5)
    assert paused["counts"]["written"] == len(await registered(alone, at))
    resumed = await registrar.post(f"{url}/resume")
    assert resumed.json()["state"] == "committing"
    await asyncio.sleep(0.7)
    cancelled = (await registrar.post(f"{url}/cancel")).json()
    assert cancelled["state"] == "cancelled"
    await asyncio.sleep(0.3)
    written = len(await registered(alone, at))
    assert cancelled["counts"]["written"] == written < 500
    refused(await registrar.post(f"{url}/commit"), 409, "wrong-state")
    # The same file again goes on where the cancelled one ended.
    second = await checked(registrar, as_csv(listed))
    assert second["id"] != made["id"]
    assert second["counts"]["already"] == written
    await commit(registrar, second["id"])
    done = await until(registrar, second["id"], "committed")
    assert done["counts"]["written"] == 500 - written
    assert len(await registered(alone, at)) == 500


async def test_a_row_that_came_before_makes_no_second_family(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at = village()
    listed = rows(3, 2, Yaşadığı_yer=at, FIN="")
    for number, each in enumerate(listed):
        each["Adı"] = f"Adil{chr(97 + number)}"
    first = await checked(registrar, as_csv(listed))
    assert first["counts"]["good_families"] == 3, await errors(registrar, first["id"])
    await commit(registrar, first["id"])
    await until(registrar, first["id"], "committed")
    # The first as it was, the second with one member more, the third with one changed.
    more = [*listed[:4], {**listed[3], "Adı": "Yeni"}, listed[4], {**listed[5], "Adı": "Başqa"}]
    second = await checked(registrar, as_csv(more))
    assert second["counts"]["already"] == 1
    assert second["counts"]["bad_families"] == 2
    message = "was imported before, as a member of another family"
    assert [(each["row"], each["message"]) for each in await errors(registrar, second["id"])] == [
        (4, message), (5, message), (7, message),
    ]  # fmt: skip
    assert len(await registered(alone, at)) == 3


async def test_lists_that_race_for_the_same_rows_write_them_once(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at = village()
    listed = rows(120, 2, Yaşadığı_yer=at)
    both = [as_csv(listed), as_csv(listed, separator=",")]
    made = [await checked(registrar, content) for content in both]
    assert [each["counts"]["good_families"] for each in made] == [120, 120]
    with alone.twin("registration"):
        await asyncio.gather(*(commit(registrar, each["id"]) for each in made))
        done = [await until(registrar, each["id"], "committed") for each in made]
    assert sum(each["counts"]["written"] for each in done) == 120
    assert len(await registered(alone, at)) == 120


async def test_a_fin_registered_since_the_dry_run_takes_no_other_family_with_it(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at, taken = village(), fin()
    made = await checked(
        registrar, as_csv([*rows(2, 1, Yaşadığı_yer=at), row(9, FIN=taken, Yaşadığı_yer=at)])
    )
    assert made["counts"]["good_families"] == 3
    body = household(place(), 1)
    body["members"][0]["fin"] = taken
    assert (await registrar.post("/v1/families", json=body)).status_code == 201
    await commit(registrar, made["id"])
    done = await until(registrar, made["id"], "committed")
    assert (done["counts"]["written"], done["counts"]["turned_away"]) == (2, 1)
    assert await errors(registrar, made["id"]) == [
        {"row": 4, "field": "fin", "message": "somebody with this FIN is registered already"}
    ]
    assert len(await registered(alone, at)) == 2


async def test_who_is_erased_leaves_the_list_they_came_with(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    made = await checked(registrar, as_csv(rows(2, 2)))
    await registrar.post(f"/v1/imports/{made['id']}/commit")
    await until(registrar, made["id"], "committed")
    id_ = UUID(made["id"])
    async with alone.database() as database:
        family_id = await database.fetchval(
            "SELECT family_id FROM registration.import_families WHERE import_id = $1", id_
        )
        family = (await registrar.get(f"/v1/families/{family_id}")).json()
        asked = {
            "person_id": family["members"][1]["id"],
            "reason": "Xahiş",
            "basis": "consent_withdrawn",
        }
        erased = await registrar.post("/v1/erasures", json=asked)
        assert erased.status_code == 201, erased.text
        left = [
            await database.fetchval(
                f"SELECT count(*) FROM registration.{table} WHERE import_id = $1", id_
            )
            for table in ("import_rows", "import_pieces")
        ]
    assert left == [2, 0]


async def test_who_is_likely_registered_already_is_counted_and_becomes_a_case(
    registrar: httpx.AsyncClient,
) -> None:
    name, born = f"Zöhrə{uuid4().hex[:6]}", "1958-04-09"
    body = household(place(), 1)
    body["members"][0].update(given_name=name, birth_date=born, fin=None)
    assert (await registrar.post("/v1/families", json=body)).status_code == 201

    async def counted() -> None:
        listed = [
            row(1, Adı=name, Doğum="09.04.1958", FIN="", Telefon=uuid4().int % 10**7 + 55 * 10**7)
        ]
        made = await checked(registrar, as_csv(listed))
        assert (made["counts"]["good_families"], made["counts"]["duplicates"]) == (1, 1)

    await eventually(counted, 30)
    query = {"reason": "Siyahı"}
    exported = await registrar.get("/v1/exports/duplicates", params=query)
    assert exported.status_code == 200
    assert exported.text.startswith("\ufeffcase_id;")
