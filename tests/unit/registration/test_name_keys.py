"""Every usual spelling of a name leads to one key, and other names do not."""

import pytest

from services.registration.families.name_keys import words_of


def finds(typed: str, given: str) -> bool:
    keys = [reading for word in words_of(given) for reading in word.readings]
    return all(
        any(key.startswith(reading) for key in keys for reading in word.readings)
        for word in words_of(typed)
    )


@pytest.mark.parametrize(
    "spellings",
    [
        "Əliyev Aliyev Aliev Алиев ƏLİYEV ALIYEV Eliyev Əлијев",
        "Həsənov Hasanov Гасанов Gasanov Хасанов Hesenov",
        "Quliyev Guliyev Кулиев Гулиев Kuliev",
        "Cəfərov Jafarov Джафаров Dzhafarov Ceferov Djafarov",
        "Xəlilov Khalilov Халилов Halilov Xelilov",
        "Qasımov Gasymov Касымов Гасымов Kasimov Qasimov",
        "Məmmədov Mammadov Мамедов Mamedov Mammadow",
        "Hüseynov Huseynov Гусейнов Huseinov Guseynov",
        "Gülnarə Гюльнара Gulnara Gyulnara",
        "Kəmalə Кямаля Kamala",
        "Ülviyyə Ульвия Ulviya",
        "Yusif Юсиф",
        "Şahin Shahin Шахин Sahin ŞAHİN",
        "Çingiz Chingiz Чингиз Cingiz",
        "Böyükağa Бёюкага Boyukaga Boyukagha",
        "Axundov Ахундов Akhundov",
        "Məryəm Марьям Maryam Mariam",
        "Məs'ud Mesud Məsud",
    ],
)
def test_every_spelling_finds_every_other(spellings: str) -> None:
    for given in spellings.split():
        for typed in spellings.split():
            assert finds(typed, given), (typed, given)


@pytest.mark.parametrize(
    ("typed", "given"),
    [("Vəliyev", "Əliyev"), ("Həsənov", "Hüseynov"), ("Kərimov", "Rəhimov"), ("Leyla", "Lalə")],
)
def test_other_names_are_not_found(typed: str, given: str) -> None:
    assert not finds(typed, given)


def test_words_are_found_in_any_order_and_by_their_beginning() -> None:
    assert finds("aliyev vaq", "Vaqif Əliyev")


def test_signs_alone_are_no_words() -> None:
    assert words_of("%_ - \\ '") == []
