"""The families of the demo. People are invented; districts and villages are real."""

from dataclasses import dataclass
from typing import Literal

AGDAM, LACIN, KALBAJAR, BARDA = "AZ-AGM", "AZ-LAC", "AZ-KAL", "AZ-BAR"

Language = Literal["az", "en", "ru"]
Sex = Literal["female", "male"]
Relation = Literal["head", "spouse", "child", "parent", "sibling", "grandchild", "other"]


@dataclass(frozen=True)
class Member:
    """One person. `phone` names a phone of the household: who has the same name shares it."""

    given_name: str
    family_name: str
    patronymic: str
    sex: Sex
    relation: Relation
    born: str
    phone: str | None = None
    mailbox: str | None = None
    has_fin: bool = True


@dataclass(frozen=True)
class Household:
    """A family, the language it reads, and the home it lives in now."""

    district: str
    village: str
    address: str
    language: Language
    members: tuple[Member, ...]

    @property
    def name(self) -> str:
        """The head's family name."""
        return self.members[0].family_name


# In the order in which they come to the desk. The first eleven are 40 people.
HOUSEHOLDS = (
    Household(
        AGDAM,
        "Novruzlu",
        "Nizami küç. 14",
        "az",
        (
            Member("Əli", "Həsənov", "Vaqif oğlu", "male", "head", "1961-03", "home"),
            Member("Səbinə", "Həsənova", "Rauf qızı", "female", "spouse", "1966-07", "home"),
            Member("Tamara", "Həsənova", "Əşrəf qızı", "female", "parent", "1938-01"),
            Member("Murad", "Həsənov", "Əli oğlu", "male", "child", "2000-10", "Murad's"),
            Member("Aytən", "Həsənova", "Murad qızı", "female", "grandchild", "2023-05"),
        ),
    ),
    Household(
        LACIN,
        "Zabux",
        "Üzeyir Hacıbəyov küç. 3",
        "az",
        (
            Member("Nərgiz", "Quliyeva", "Şahin qızı", "female", "head", "1984-11", "home"),
            Member("Tural", "Quliyev", "Elçin oğlu", "male", "child", "2011-02"),
            Member("Fidan", "Quliyeva", "Elçin qızı", "female", "child", "2016-09"),
        ),
    ),
    Household(
        KALBAJAR,
        "İstisu",
        "28 May küç. 41, m. 7",
        "ru",
        (
            Member("Rəşid", "Məmmədov", "İqor oğlu", "male", "head", "1973-05", "Rəşid's"),
            Member("Larisa", "Məmmədova", "Viktor qızı", "female", "spouse", "1976-12", "Larisa's"),
            Member("Kamran", "Məmmədov", "Rəşid oğlu", "male", "child", "2008-08"),
            Member("Emil", "Məmmədov", "Rəşid oğlu", "male", "child", "2015-04"),
        ),
    ),
    Household(
        AGDAM,
        "Quzanlı",
        "Bakıxanov küç. 9",
        "az",
        (
            Member(
                "Gülnar", "Əliyeva", "Tofiq qızı", "female", "head", "1979-06", mailbox="gulnar"
            ),
            Member("Solmaz", "Əliyeva", "Həmid qızı", "female", "parent", "1947-02"),
        ),
    ),
    Household(
        LACIN,
        "Güləbird",
        "Mədəniyyət küç. 22",
        "en",
        (
            Member("Orxan", "Cəfərov", "Zaur oğlu", "male", "head", "1990-01", "home"),
            Member("Leyla", "Cəfərova", "Anar qızı", "female", "spouse", "1993-03", "home"),
            Member("Dəniz", "Cəfərov", "Orxan oğlu", "male", "child", "2024-01", has_fin=False),
        ),
    ),
    Household(
        KALBAJAR,
        "Zar",
        "Füzuli küç. 5",
        "az",
        (
            Member("İsmayıl", "İsmayılov", "Qəzənfər oğlu", "male", "head", "1955-09", "home"),
            Member("Zöhrə", "İsmayılova", "Məhəmməd qızı", "female", "spouse", "1958-04", "home"),
            Member("Ceyhun", "İsmayılov", "İsmayıl oğlu", "male", "child", "1985-12", "Ceyhun's"),
            Member("Günel", "İsmayılova", "Akif qızı", "female", "other", "1988-08", "Ceyhun's"),
            Member("Uğur", "İsmayılov", "Ceyhun oğlu", "male", "grandchild", "2012-03"),
            Member("Çinarə", "İsmayılova", "Ceyhun qızı", "female", "grandchild", "2017-11"),
        ),
    ),
    Household(
        AGDAM,
        "Mərzili",
        "Heydər Əliyev pr. 60, m. 12",
        "ru",
        (
            Member("Zemfira", "Hüseynova", "Aslan qızı", "female", "head", "1952-02", "home"),
            Member("Timur", "Hüseynov", "Arif oğlu", "male", "child", "1981-07", "Timur's"),
        ),
    ),
    Household(
        KALBAJAR,
        "Başlıbel",
        "Koroğlu küç. 17",
        "az",
        (
            Member("Şəhriyar", "Bağırov", "Bəhram oğlu", "male", "head", "1978-10", "home"),
            Member("Könül", "Bağırova", "Nadir qızı", "female", "spouse", "1982-05", "home"),
            Member("Nihad", "Bağırov", "Şəhriyar oğlu", "male", "child", "2007-01"),
            Member("Aysu", "Bağırova", "Şəhriyar qızı", "female", "child", "2014-12"),
        ),
    ),
    Household(
        LACIN,
        "Minkənd",
        "Səməd Vurğun küç. 8",
        "az",
        (
            Member("Elxan", "Nəbiyev", "Yusif oğlu", "male", "head", "1969-08", "home"),
            Member("Afət", "Nəbiyeva", "Cümşüd qızı", "female", "spouse", "1972-06", "home"),
            Member("Rövşən", "Nəbiyev", "Yusif oğlu", "male", "sibling", "1974-03", "Rövşən's"),
            Member("Jalə", "Nəbiyeva", "Elxan qızı", "female", "child", "2005-05"),
        ),
    ),
    Household(
        AGDAM,
        "Şıxbabalı",
        "Azadlıq küç. 33",
        "az",
        (
            Member("Pərvanə", "Səfərova", "Oqtay qızı", "female", "head", "1987-09", "home"),
            Member("Yusif", "Səfərov", "Kənan oğlu", "male", "child", "2010-10"),
            Member("Zərifə", "Səfərova", "Kənan qızı", "female", "child", "2019-02"),
        ),
    ),
    Household(
        LACIN,
        "Malıbəy",
        "Nizami küç. 52",
        "en",
        (
            Member("Fərid", "Abbasov", "Kamal oğlu", "male", "head", "1986-04", "Fərid's"),
            Member("Nigar", "Abbasova", "Vüqar qızı", "female", "spouse", "1989-01", "Nigar's"),
            Member("Sara", "Abbasova", "Fərid qızı", "female", "child", "2013-06"),
            Member("Adəm", "Abbasov", "Fərid oğlu", "male", "child", "2018-08"),
        ),
    ),
    Household(
        KALBAJAR,
        "Yanşaq",
        "Xətai küç. 27",
        "az",
        (
            Member("Bəxtiyar", "Rzayev", "Sabir oğlu", "male", "head", "1971-11", "home"),
            Member("Məlahət", "Rzayeva", "İdris qızı", "female", "spouse", "1975-02", "home"),
            Member("Elvin", "Rzayev", "Bəxtiyar oğlu", "male", "child", "2001-07", "Elvin's"),
            Member("Nuray", "Rzayeva", "Bəxtiyar qızı", "female", "child", "2009-03"),
        ),
    ),
    Household(
        AGDAM,
        "Əhmədavar",
        "Gəncə küç. 4, m. 19",
        "ru",
        (
            Member("Mariya", "Vəliyeva", "Sergey qızı", "female", "head", "1980-12", "home"),
            Member("Ruslan", "Vəliyev", "Eldar oğlu", "male", "child", "2006-06", "Ruslan's"),
            Member("Alina", "Vəliyeva", "Eldar qızı", "female", "child", "2012-09"),
        ),
    ),
    Household(
        LACIN,
        "Sus",
        "Şuşa küç. 11",
        "az",
        (
            Member("Hümbət", "Mustafayev", "Xanlar oğlu", "male", "head", "1950-05", "home"),
            Member("Gülsüm", "Mustafayeva", "Cabbar qızı", "female", "spouse", "1954-10", "home"),
        ),
    ),
)

SEATS = 40
GIVES_UP = "Bağırov"
MOVES_UP = "Rzayev"
COMES = "Həsənov"
