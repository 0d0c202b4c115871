"""The fields of a person as typed."""

import pytest
from pydantic import TypeAdapter, ValidationError

from services.registration.families.fields import Email, Fin, Phone

FIN: TypeAdapter[str] = TypeAdapter(Fin)
PHONE: TypeAdapter[str] = TypeAdapter(Phone)
EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def test_a_fin_is_upper_cased_by_ascii_rules_alone() -> None:
    assert FIN.validate_python(" 5zk21qb ") == "5ZK21QB"
    for wrong in ("5ZK21Qı", "5ZK21QÉ", "5ZK21Q", "5ZK21QBB", "٥ZK21QB"):
        with pytest.raises(ValidationError, match="7 characters"):
            FIN.validate_python(wrong)


@pytest.mark.parametrize(("typed", "meant"), [("5ZKO1QB", "5ZK01QB"), ("i234567", "1234567")])
def test_a_letter_that_is_no_digit_is_suggested_and_not_rewritten(typed: str, meant: str) -> None:
    with pytest.raises(ValidationError, match=f"did you mean {meant}"):
        FIN.validate_python(typed)


@pytest.mark.parametrize(
    "typed", ["+994501234567", "050 123 45 67", "(050) 123-45-67", "00994501234567", "994501234567"]
)
def test_a_phone_is_kept_in_e164(typed: str) -> None:
    assert PHONE.validate_python(typed) == "+994501234567"


@pytest.mark.parametrize("typed", ["", "050", "+994001234567", "+15005550006", "+99450123456a"])
def test_what_is_no_phone_of_the_country_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        PHONE.validate_python(typed)


@pytest.mark.parametrize("typed", ["ali@example.az", "a.b+c@mail.example.co.uk"])
def test_an_address_is_kept(typed: str) -> None:
    assert EMAIL.validate_python(typed) == typed


@pytest.mark.parametrize(
    "typed",
    ["ali", "@example.az", "ali@az", "a..b@example.az", "əli@example.az", "a b@example.az",
     "ali@-x.az", "ali@example.az\nBcc: all@example.az", "ali@@example.az"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        EMAIL.validate_python(typed)
