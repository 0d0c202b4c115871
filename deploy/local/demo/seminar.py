"""The seminar: its texts in three languages, and its days counted from today."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.local.demo.families import AGDAM, BARDA, KALBAJAR, LACIN, SEATS

BAKU = ZoneInfo("Asia/Baku")
_HOURS = timedelta(hours=3)
TOUR_SEATS = 30

TITLE = {
    "az": "Qayıdışa hazırlıq: məlumat seminarı",
    "en": "Ready to return: information seminar",
    "ru": "Готовимся к возвращению: информационный семинар",
}
SUMMARY = {
    "az": "Layihə haqqında; icma quruculuğu və dayanıqlı icma nədir. Qrup işi və tanışlıq.",
    "en": "About the project; what a sustainable community is. Group work and getting acquainted.",
    "ru": "О проекте; что такое устойчивая община. Работа в группах и знакомство.",
}
REASON = {
    "az": "Zalda təmir işləri gedir",
    "en": "The hall is being repaired",
    "ru": "В зале идёт ремонт",
}
VENUE = {
    "name": "Bərdə Mədəniyyət Mərkəzi",
    "district": BARDA,
    "address": "Heydər Əliyev prospekti 12",
}


TOUR = {
    "title": {
        "az": "Ağdama tanışlıq səfəri",
        "en": "A day in Ağdam",
        "ru": "Ознакомительная поездка в Агдам",
    },
    "summary": {
        "az": "Evlərə, məktəbə və xəstəxanaya baxış. Avtobus Bərdədən gedir.",
        "en": "A look at the homes, the school and the hospital. The bus leaves from Barda.",
        "ru": "Осмотр домов, школы и больницы. Автобус отправляется из Барды.",
    },
}


@dataclass(frozen=True)
class Days:
    """When it is planned, when it is moved to, and when enrolment closes."""

    planned: datetime
    moved: datetime
    tour: datetime
    closes: datetime


def days_from(today: date) -> Days:
    """Plan it at 10:00 on a working day about ten days ahead, and move it to the next one."""
    planned = _working_day(today + timedelta(days=10))
    moved = _working_day(planned + timedelta(days=1))
    return Days(
        planned=datetime.combine(planned, time(10), BAKU),
        moved=datetime.combine(moved, time(11), BAKU),
        tour=datetime.combine(_working_day(moved + timedelta(days=1)), time(9), BAKU),
        closes=datetime.combine(planned - timedelta(days=1), time(18), BAKU),
    )


def draft(days: Days) -> dict[str, Any]:
    """Return the body of `POST /v1/events`."""
    return {
        "kind": "seminar",
        "title": TITLE,
        "summary": SUMMARY,
        **_times(days.planned),
        "venue": VENUE,
        "capacity": SEATS,
        "audience": {"origins": [AGDAM, LACIN, KALBAJAR], "residences": [BARDA]},
        "enrolment_closes_at": days.closes.isoformat(),
    }


def draft_of_tour(days: Days) -> dict[str, Any]:
    """Return the body of an event that has seats left, for whoever tries the desk."""
    return {**draft(days), "kind": "tour", **TOUR, **_times(days.tour), "capacity": TOUR_SEATS}


def move(days: Days) -> dict[str, Any]:
    """Return the body of `POST /v1/events/{id}/reschedule`."""
    return {**_times(days.moved), "reason": REASON}


def _times(starts_at: datetime) -> dict[str, str]:
    return {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + _HOURS).isoformat()}


def _working_day(day: date) -> date:
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day
