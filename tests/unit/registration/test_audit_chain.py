"""The chain of the audit log: the canonical form of RFC 8785, and what a verification can tell."""

import hashlib
import json
import struct
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.registration.audit.chain import BEGINNING, canonical, place
from services.registration.audit.domain import Entry, Head, Seal
from services.registration.audit.verifying import Held, Verification

NOON = datetime(2026, 11, 20, 8, tzinfo=UTC)

# RFC 8785, appendix B: the bits of a double, and how it is written.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize("bits", NUMBERS)
def test_a_number_is_written_as_rfc_8785_says(bits: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(value) == NUMBERS[bits]


def test_text_and_order_are_those_of_rfc_8785() -> None:
    assert canonical(
        {
            "\u20ac": "Euro",
            "\r": "CR",
            "\ufb33": 1,
            "1": "One",
            "\U0001f600": "Smiley",
            "\u0080": "Control",
            "ö": '\u000f\n"\\/€ə',
        }
    ) == (
        '{"\\r":"CR","1":"One","\u0080":"Control","ö":"\\u000f\\n\\"\\\\/€ə","€":"Euro",'
        '"\U0001f600":"Smiley","\ufb33":1}'
    )
    assert canonical([True, None, [], {}, 9007199254740993]) == "[true,null,[],{},9007199254740992]"


def test_an_outsider_computes_the_same_digest() -> None:
    one, two = place([entry(1), entry(2)], None)
    previous = "0" * 64
    for told, seal in ((entry(1), one), (entry(2), two)):
        # All of an entry's names are ASCII and its numbers are whole: any JSON library will do.
        plain = {
            "entry": told.entry,
            "at": told.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "actor": "staff:7",
            "roles": ["registrar"],
            "address": "10.0.0.1",
            "reason": "Ailə gəldi",
            "action": "family.read",
            "subject_type": "family",
            "subject_id": None,
            "details": {"members": 5},
            "correlation_id": "c",
            "position": seal.position,
            "previous": previous,
        }
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert previous == seal.digest.hex()


def test_an_untouched_chain_has_no_fault() -> None:
    assert faults(chain(5)) == []


def test_an_entry_that_was_changed_is_named() -> None:
    places = chain(5)
    seal, told = places[2]
    places[2] = seal, replace(told, actor="staff:8")
    assert faults(places) == ["entry 3 (seal 3) was changed"]
    assert faults(places[:3]) == ["entry 3 (seal 3) was changed"]


def test_a_seal_that_was_changed_is_told_from_an_entry_that_was() -> None:
    places = chain(5)
    seal, told = places[2]
    places[2] = replace(seal, digest=b"x" * 32), told
    assert faults(places) == ["seal 3 is broken: it is not that of entry 3"]
    places[2] = replace(seal, previous=b"x" * 32), told
    assert faults(places) == ["seal 3 is broken: it does not follow the one before it"]


def test_what_was_removed_is_named() -> None:
    places: list[tuple[Seal, Entry | None]] = [*chain(6)]
    places[1] = places[1][0], None
    del places[3:5]
    assert faults(places) == ["entry 2 (seal 2) was removed", "seals 4 to 5 are missing"]


def test_only_a_head_shows_that_the_tail_is_gone_or_all_was_made_anew() -> None:
    places = chain(5)
    kept = Held("head", 5, places[4][0].digest)
    assert faults(places, kept) == []
    assert faults(places[:3]) == []
    (fault,) = faults(places[:3], kept)
    assert fault.endswith("the log ends at seal 3, and what there was up to seal 5 was removed")
    anew = [replace(told, actor="nobody") for _, told in places]
    forged = list(zip(place(anew, None), anew, strict=True))
    assert faults(forged) == []
    assert faults(forged, kept) == ["head: seal 5 is another than it was then"]


def test_an_entry_dated_back_is_named_also_across_a_night() -> None:
    told = [entry(number) for number in (1, 2, 3)]
    told[2] = replace(told[2], at=NOON - timedelta(hours=1))
    assert "entry 3 (seal 3) was added later" in faults(sealed(told))[0]
    told[2] = replace(told[2], at=NOON + timedelta(hours=3))
    heads = [Head(date(2026, 11, 20), 2, sealed(told)[1][0].digest)]
    assert "entry 3 (seal 3) was added later" in faults(sealed(told), published=heads)[0]
    told[2] = replace(told[2], at=NOON + timedelta(days=9))
    assert "dated in the future" in faults(sealed(told))[0]


def entry(number: int) -> Entry:
    return Entry(
        entry=number,
        at=NOON + timedelta(seconds=number),
        actor="staff:7",
        roles=["registrar"],
        address="10.0.0.1",
        reason="Ailə gəldi",
        action="family.read",
        subject_type="family",
        subject_id=None,
        details={"members": 5},
        correlation_id="c",
    )


def sealed(told: list[Entry]) -> list[tuple[Seal, Entry]]:
    return list(zip(place(told, None), told, strict=True))


def chain(length: int) -> list[tuple[Seal, Entry]]:
    return sealed([entry(number + 1) for number in range(length)])


def faults(
    places: list[tuple[Seal, Entry]] | list[tuple[Seal, Entry | None]],
    *held: Held,
    published: list[Head] | None = None,
) -> list[str]:
    verification = Verification(published or [], held, NOON + timedelta(days=1))
    assert verification.digest == BEGINNING
    found = [fault for each in places for fault in verification.look(*each)]
    return [*found, *verification.end()]
