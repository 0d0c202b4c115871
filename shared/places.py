"""Names of districts and cities by ISO 3166-2 code, in the three languages."""

from functools import lru_cache
from typing import Any, Literal

import pycountry

Language = Literal["az", "en", "ru"]

_NAMES: dict[str, dict[Language, str]] = {
    code: {"az": az, "en": en, "ru": ru}
    for code, az, en, ru in (
        ("AZ-ABS", "Abşeron", "Absheron", "Абшерон"),
        ("AZ-AGA", "Ağstafa", "Aghstafa", "Агстафа"),
        ("AZ-AGC", "Ağcabədi", "Aghjabadi", "Агджабеди"),
        ("AZ-AGM", "Ağdam", "Aghdam", "Агдам"),
        ("AZ-AGS", "Ağdaş", "Aghdash", "Агдаш"),
        ("AZ-AGU", "Ağsu", "Aghsu", "Агсу"),
        ("AZ-AST", "Astara", "Astara", "Астара"),
        ("AZ-BA", "Bakı", "Baku", "Баку"),
        ("AZ-BAB", "Babək", "Babek", "Бабек"),
        ("AZ-BAL", "Balakən", "Balakan", "Белоканы"),
        ("AZ-BAR", "Bərdə", "Barda", "Барда"),
        ("AZ-BEY", "Beyləqan", "Beylagan", "Бейлаган"),
        ("AZ-BIL", "Biləsuvar", "Bilasuvar", "Билясувар"),
        ("AZ-CAB", "Cəbrayıl", "Jabrayil", "Джебраил"),
        ("AZ-CAL", "Cəlilabad", "Jalilabad", "Джалилабад"),
        ("AZ-CUL", "Culfa", "Julfa", "Джульфа"),
        ("AZ-DAS", "Daşkəsən", "Dashkasan", "Дашкесан"),
        ("AZ-FUZ", "Füzuli", "Fuzuli", "Физули"),
        ("AZ-GA", "Gəncə", "Ganja", "Гянджа"),
        ("AZ-GAD", "Gədəbəy", "Gadabay", "Гедабек"),
        ("AZ-GOR", "Goranboy", "Goranboy", "Геранбой"),
        ("AZ-GOY", "Göyçay", "Goychay", "Гёйчай"),
        ("AZ-GYG", "Göygöl", "Goygol", "Гёйгёль"),
        ("AZ-HAC", "Hacıqabul", "Hajigabul", "Аджикабул"),
        ("AZ-IMI", "İmişli", "Imishli", "Имишли"),
        ("AZ-ISM", "İsmayıllı", "Ismayilli", "Исмаиллы"),
        ("AZ-KAL", "Kəlbəcər", "Kalbajar", "Кельбаджар"),
        ("AZ-KAN", "Kəngərli", "Kangarli", "Кенгерли"),
        ("AZ-KUR", "Kürdəmir", "Kurdamir", "Кюрдамир"),
        ("AZ-LA", "Lənkəran", "Lankaran", "Ленкорань"),
        ("AZ-LAC", "Laçın", "Lachin", "Лачин"),
        ("AZ-LAN", "Lənkəran", "Lankaran", "Ленкорань"),
        ("AZ-LER", "Lerik", "Lerik", "Лерик"),
        ("AZ-MAS", "Masallı", "Masally", "Масаллы"),
        ("AZ-MI", "Mingəçevir", "Mingachevir", "Мингячевир"),
        ("AZ-NA", "Naftalan", "Naftalan", "Нафталан"),
        ("AZ-NEF", "Neftçala", "Neftchala", "Нефтчала"),
        ("AZ-NV", "Naxçıvan", "Nakhchivan", "Нахчыван"),
        ("AZ-NX", "Naxçıvan", "Nakhchivan", "Нахчыван"),
        ("AZ-OGU", "Oğuz", "Oghuz", "Огуз"),
        ("AZ-ORD", "Ordubad", "Ordubad", "Ордубад"),
        ("AZ-QAB", "Qəbələ", "Gabala", "Габала"),
        ("AZ-QAX", "Qax", "Gakh", "Гах"),
        ("AZ-QAZ", "Qazax", "Gazakh", "Газах"),
        ("AZ-QBA", "Quba", "Guba", "Губа"),
        ("AZ-QBI", "Qubadlı", "Gubadli", "Губадлы"),
        ("AZ-QOB", "Qobustan", "Gobustan", "Гобустан"),
        ("AZ-QUS", "Qusar", "Gusar", "Гусар"),
        ("AZ-SA", "Şəki", "Shaki", "Шеки"),
        ("AZ-SAB", "Sabirabad", "Sabirabad", "Сабирабад"),
        ("AZ-SAD", "Sədərək", "Sadarak", "Садарак"),
        ("AZ-SAH", "Şahbuz", "Shahbuz", "Шахбуз"),
        ("AZ-SAK", "Şəki", "Shaki", "Шеки"),
        ("AZ-SAL", "Salyan", "Salyan", "Сальян"),
        ("AZ-SAR", "Şərur", "Sharur", "Шарур"),
        ("AZ-SAT", "Saatlı", "Saatly", "Саатлы"),
        ("AZ-SBN", "Şabran", "Shabran", "Шабран"),
        ("AZ-SIY", "Siyəzən", "Siyazan", "Сиазань"),
        ("AZ-SKR", "Şəmkir", "Shamkir", "Шамкир"),
        ("AZ-SM", "Sumqayıt", "Sumgayit", "Сумгаит"),
        ("AZ-SMI", "Şamaxı", "Shamakhi", "Шемаха"),
        ("AZ-SMX", "Samux", "Samukh", "Самух"),
        ("AZ-SR", "Şirvan", "Shirvan", "Ширван"),
        ("AZ-SUS", "Şuşa", "Shusha", "Шуша"),
        ("AZ-TAR", "Tərtər", "Tartar", "Тертер"),
        ("AZ-TOV", "Tovuz", "Tovuz", "Товуз"),
        ("AZ-UCA", "Ucar", "Ujar", "Уджары"),
        ("AZ-XA", "Xankəndi", "Khankendi", "Ханкенди"),
        ("AZ-XAC", "Xaçmaz", "Khachmaz", "Хачмаз"),
        ("AZ-XCI", "Xocalı", "Khojaly", "Ходжалы"),
        ("AZ-XIZ", "Xızı", "Khizi", "Хызы"),
        ("AZ-XVD", "Xocavənd", "Khojavend", "Ходжавенд"),
        ("AZ-YAR", "Yardımlı", "Yardimli", "Ярдымлы"),
        ("AZ-YE", "Yevlax", "Yevlakh", "Евлах"),
        ("AZ-YEV", "Yevlax", "Yevlakh", "Евлах"),
        ("AZ-ZAN", "Zəngilan", "Zangilan", "Зангилан"),
        ("AZ-ZAQ", "Zaqatala", "Zagatala", "Загатала"),
        ("AZ-ZAR", "Zərdab", "Zardab", "Зардаб"),
    )
}


class UnknownDistrictError(LookupError):
    """A code that ISO 3166-2 does not have."""


@lru_cache(maxsize=1024)
def district_name(code: str, language: Language) -> str:
    """Name a district or city; for one that is new the ISO 3166-2 (Azerbaijani) name.

    Raises UnknownDistrictError for a code that is not in ISO 3166-2.
    """
    if code in _NAMES:
        return _NAMES[code][language]
    # pycountry writes some names with U+01DD, which looks like ə and is another letter.
    return str(_subdivision(code).name).replace("ǝ", "ə")


def district_kind(code: str) -> str:
    """Say what ISO 3166-2 calls a place: `Municipality`, `Rayon` or `Autonomous republic`.

    Raises UnknownDistrictError for a code that is not in ISO 3166-2.
    """
    return str(_subdivision(code).type)


def _subdivision(code: str) -> Any:
    subdivision = pycountry.subdivisions.get(code=code)  # type: ignore[no-untyped-call]
    if subdivision is None:
        raise UnknownDistrictError(f"{code} is not an ISO 3166-2 code")
    return subdivision
