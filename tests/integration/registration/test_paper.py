"""What is printed: every letter of the alphabets, in their order, readable by a machine."""

import io
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from tests.integration.registration.hearing import enrol, publish_event, refused
from tests.integration.registration.test_check_ins import arrival
from tests.support.bodies import family, person, place
from tests.support.desk import answered
from tests.system import System

IN_ORDER = (
    "Abdullayev", "Ağayev", "Cəfərov", "Çələbi", "Dadaşov", "Eyvazov", "Əliyev", "Fərzəliyev",
    "Hüseynov", "Xəlilov", "Iğdırlı", "İsmayılov", "Jalə", "Kərimov", "Qasımov", "Lətifov",
    "Ömərov", "Rzayev", "Səfərov", "Şükürov", "Üzeyirov", "Vəliyev", "Yusifov", "Zeynalov",
)  # fmt: skip


async def printed(registrar: httpx.AsyncClient, path: str, **query: str) -> str:
    answer = await registrar.get(path, params=query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return "\n".join(page.extract_text() for page in pages)


async def crowd(registrar: httpx.AsyncClient, event_id: UUID) -> list[dict[str, Any]]:
    made = []
    for name in reversed(IN_ORDER):
        body = family(place(), person(family_name=name, given_name="Gülşən"))
        registered = await answered(registrar.post("/v1/families", json=body))
        enrolment = {"event_id": str(event_id), "family_id": registered["id"]}
        made.append(await answered(registrar.post("/v1/enrolments", json=enrolment)))
    return made


async def test_the_attendance_sheet_lists_everybody_in_the_order_of_the_alphabet(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar)
    enrolments = await crowd(registrar, event_id)
    await registrar.post("/v1/check-ins", json=arrival(enrolments[0], 0))
    path = f"/v1/events/{event_id}/attendance.pdf"
    text = await printed(registrar, path)
    places = [text.index(f"{name} Gülşən Vaqif oğlu") for name in IN_ORDER]
    assert places == sorted(places)
    for language, words in {
        "az": ("Davamiyyət: Səbəb", "Gəldi: 24 nəfərdən 1", "İmza"),
        "en": ("Attendance: Reason", "Came: 1 of 24", "Signature"),
        "ru": ("Посещаемость: Причина", "Пришли: 1 из 24", "Подпись"),
    }.items():
        text = await printed(registrar, path, language=language)
        assert all(word in text for word in words), text
    async with alone.database() as database:
        count = await database.fetchval(
            "SELECT count(*) FROM registration.audit_entries "
            "WHERE action = 'attendance.exported' AND subject_id = $1",
            event_id,
        )
    assert count == 4
    organiser = alone.client("registration", "organiser")
    refused(await organiser.get(path), 403, "forbidden")


@pytest.mark.parametrize("language", ["az", "en", "ru"])
async def test_a_ticket_is_printed_with_its_codes_and_its_holders(
    registrar: httpx.AsyncClient, alone: System, language: str
) -> None:
    event_id = await publish_event(alone, registrar)
    body = family(place(), person(family_name="Şıxəlizadə"), person(given_name="Çinarə"))
    registered = await answered(registrar.post("/v1/families", json=body))
    enrolment = await answered(
        registrar.post(
            "/v1/enrolments", json={"event_id": str(event_id), "family_id": registered["id"]}
        )
    )
    path = f"/v1/enrolments/{enrolment['id']}/ticket.pdf"
    text = await printed(registrar, path, language=language)
    assert "Əli Vaqif oğlu Şıxəlizadə, Çinarə" in " ".join(text.split())
    assert enrolment["ticket"] in text.replace(" ", "")
    await registrar.post(f"/v1/enrolments/{enrolment['id']}/cancel")
    refused(await registrar.get(path), 409, "enrolment-cancelled")


async def test_a_ticket_says_where_and_whether_there_are_seats(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=1)
    seated, waiting = [
        await printed(registrar, f"/v1/enrolments/{each['id']}/ticket.pdf", language="en")
        for each in [await enrol(registrar, event_id, 1) for _ in range(2)]
    ]
    assert "Do not set out" in " ".join(waiting.split())
    assert "Do not set out" not in " ".join(seated.split())
    assert "Mədəniyyət Evi, Nizami 1" in seated
