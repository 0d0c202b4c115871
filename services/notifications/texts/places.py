"""Names of districts and cities by ISO 3166-2 code, in the three languages."""

from functools import lru_cache

import pycountry

from services.notifications.texts.domain import Language

# The districts people return to, Bərdə, and the cities where most of the displaced live.
_NAMES: dict[str, dict[Language, str]] = {
    code: {"az": az, "en": en, "ru": ru}
    for code, az, en, ru in (
        ("AZ-AGM", "Ağdam", "Aghdam", "Агдам"),
        ("AZ-LAC", "Laçın", "Lachin", "Лачин"),
        ("AZ-KAL", "Kəlbəcər", "Kalbajar", "Кельбаджар"),
        ("AZ-FUZ", "Füzuli", "Fuzuli", "Физули"),
        ("AZ-CAB", "Cəbrayıl", "Jabrayil", "Джебраил"),
        ("AZ-ZAN", "Zəngilan", "Zangilan", "Зангилан"),
        ("AZ-QBI", "Qubadlı", "Gubadli", "Губадлы"),
        ("AZ-SUS", "Şuşa", "Shusha", "Шуша"),
        ("AZ-XCI", "Xocalı", "Khojaly", "Ходжалы"),
        ("AZ-XVD", "Xocavənd", "Khojavend", "Ходжавенд"),
        ("AZ-XA", "Xankəndi", "Khankendi", "Ханкенди"),
        ("AZ-TAR", "Tərtər", "Tartar", "Тертер"),
        ("AZ-BAR", "Bərdə", "Barda", "Барда"),
        ("AZ-BA", "Bakı", "Baku", "Баку"),
        ("AZ-SM", "Sumqayıt", "Sumgayit", "Сумгаит"),
        ("AZ-GA", "Gəncə", "Ganja", "Гянджа"),
        ("AZ-MI", "Mingəçevir", "Mingachevir", "Мингячевир"),
        ("AZ-YE", "Yevlax", "Yevlakh", "Евлах"),
    )
}


class UnknownDistrictError(LookupError):
    """A code that ISO 3166-2 does not have."""


@lru_cache(maxsize=1024)
def district_name(code: str, language: Language) -> str:
    """Name a district or city; for the less usual ones the ISO 3166-2 (Azerbaijani) name.

    Raises UnknownDistrictError for a code that is not in ISO 3166-2.
    """
    if code in _NAMES:
        return _NAMES[code][language]
    subdivision = pycountry.subdivisions.get(code=code)  # type: ignore[no-untyped-call]
    if subdivision is None:
        raise UnknownDistrictError(f"{code} is not an ISO 3166-2 code")
    # pycountry writes Kǝngǝrli with U+01DD, which looks like ə and is another letter.
    return str(subdivision.name).replace("ǝ", "ə")
