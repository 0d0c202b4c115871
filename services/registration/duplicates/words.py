"""What reasons and fields are called on the pages."""

from collections.abc import Mapping

from services.registration.desk.languages import msgid

REASONS: Mapping[str, str] = {
    "given_name.same": msgid("The given name is the same"),
    "given_name.spelling": msgid("The given name is the same in another spelling"),
    "given_name.near": msgid("The given name is nearly the same"),
    "given_name.differs": msgid("The given name is another one"),
    "family_name.same": msgid("The family name is the same"),
    "family_name.spelling": msgid("The family name is the same in another spelling"),
    "family_name.near": msgid("The family name is nearly the same"),
    "family_name.differs": msgid("The family name is another one"),
    "family_name.maiden": msgid("The family name is another one, maybe from before a marriage"),
    "patronymic.same": msgid("The patronymic is the same"),
    "patronymic.near": msgid("The patronymic is nearly the same"),
    "patronymic.differs": msgid("The patronymic is another one"),
    "birth_date.same": msgid("Born on the same day"),
    "birth_date.swapped": msgid("Day and month of birth are swapped"),
    "birth_date.near": msgid("The dates of birth are nearly the same"),
    "birth_date.year_off": msgid("The years of birth are one apart"),
    "birth_date.year_only": msgid("Born in the same year; one day is not known"),
    "birth_date.differs": msgid("Born on another day"),
    "sex.differs": msgid("One is a woman, the other a man"),
    "origin.same": msgid("From the same village"),
    "origin.district": msgid("From the same district"),
    "origin.differs": msgid("From another district"),
    "phone.same": msgid("The phone is the same"),
    "fin.near": msgid("The FIN differs by one letter"),
    "fin.differs": msgid("The FIN is another one"),
    "household.alike": msgid("Most of the others at home are alike too"),
    "household.some": msgid("Somebody else at home is alike too"),
    "household.differs": msgid("Nobody else at home is alike"),
    "household.own": msgid("Both stand in one family"),
}

FIELDS: Mapping[str, str] = {
    "given_name": msgid("Given name"),
    "family_name": msgid("Family name"),
    "patronymic": msgid("Patronymic"),
    "sex": msgid("Sex"),
    "birth_date": msgid("Date of birth"),
    "fin": msgid("FIN"),
    "phone": msgid("Phone"),
    "email": msgid("E-mail"),
    "language": msgid("Language"),
    "relation": msgid("In the family"),
    "origin.district": msgid("District they come from"),
    "origin.settlement": msgid("Village they come from"),
    "residence.district": msgid("District they live in"),
    "residence.settlement": msgid("Settlement they live in"),
    "residence.address": msgid("Address"),
}
