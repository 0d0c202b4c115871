"""The seal: what it hides, what it notices, and what a rotation changes."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.bootstrap.keys import SEALING
from deploy.keys.resealing import contexts, sealed_tables
from deploy.keys.rings import retire, rotate
from shared import sealing
from shared.sealing import (
    INDEX_BYTES,
    Ring,
    Sealer,
    SealError,
    key_number,
    new_ring,
    with_new_key,
    without_keys,
)
from tests.support.rings import ring

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
CONTEXTS = st.sampled_from(["persons.fin", "persons.phone", "outbox.data"])


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> Sealer:
    return ring(tmp_path_factory.mktemp("ring") / "ring.json")


@given(text=TEXTS, context=CONTEXTS)
def test_what_is_sealed_opens_to_the_same(sealer: Sealer, text: str, context: str) -> None:
    sealed = sealer.seal(text, context)
    assert sealer.open(sealed, context) == text
    assert len(text) < 4 or text.encode() not in sealed
    assert sealer.seal(text, context) != sealed


@given(text=TEXTS, data=st.data())
def test_any_changed_byte_is_noticed(sealer: Sealer, text: str, data: st.DataObject) -> None:
    sealed = bytearray(sealer.seal(text, "persons.fin"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        sealer.open(bytes(sealed), "persons.fin")


@given(text=TEXTS, length=st.integers(0, 29))
def test_what_is_cut_off_is_noticed(sealer: Sealer, text: str, length: int) -> None:
    with pytest.raises(SealError):
        sealer.open(sealer.seal(text, "persons.fin")[:length], "persons.fin")


@given(text=TEXTS)
def test_it_opens_in_its_own_context_alone(sealer: Sealer, text: str) -> None:
    with pytest.raises(SealError):
        sealer.open(sealer.seal(text, "persons.fin"), "persons.phone")


def test_another_ring_opens_nothing(sealer: Sealer, tmp_path: Path) -> None:
    other = ring(tmp_path / "ring.json")
    with pytest.raises(SealError):
        other.open(sealer.seal("5ZK21QA", "persons.fin"), "persons.fin")
    assert other.index("5ZK21QA", "persons.fin") != sealer.index("5ZK21QA", "persons.fin")


@given(text=TEXTS)
def test_an_index_is_the_same_for_ever_and_differs_by_context(sealer: Sealer, text: str) -> None:
    index = sealer.index(text, "persons.fin")
    assert len(index) == INDEX_BYTES
    assert sealer.index(text, "persons.fin") == index
    assert sealer.index(text, "persons.phone") != index
    assert sealer.index(f"{text}0", "persons.fin") != index


def test_a_rotation_seals_by_the_new_key_opens_by_both_and_keeps_indexes(tmp_path: Path) -> None:
    path = tmp_path / "registration.seal.json"
    before = ring(path)
    sealed = before.seal("5ZK21QA", "persons.fin")
    assert rotate(tmp_path, "registration", None) == 2
    after = Sealer.from_file(path)
    assert after.open(sealed, "persons.fin") == "5ZK21QA"
    assert key_number(after.seal("5ZK21QA", "persons.fin")) == 2
    assert after.index("5ZK21QA", "persons.fin") == before.index("5ZK21QA", "persons.fin")
    # What runs since before the rotation meets the new key, and reads the ring again.
    assert before.open(after.seal("5ZK21QA", "persons.fin"), "persons.fin") == "5ZK21QA"
    assert key_number(before.seal("5ZK21QA", "persons.fin")) == 2


def test_a_new_active_key_is_noticed_without_meeting_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "LOOK_EVERY_SECONDS", 0.0)
    path = tmp_path / "registration.seal.json"
    running = ring(path)
    assert running.active == 1
    rotate(tmp_path, "registration", None)
    assert running.active == 2
    path.write_text("{")
    os.utime(path, ns=(1, 1))
    assert running.active == 2, "a damaged file must not take away the ring that serves"


def test_retired_keys_leave_the_ring_and_are_kept_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "registration.seal.json"
    first = ring(path)
    sealed = first.seal("5ZK21QA", "persons.fin")
    key = json.loads(path.read_text())["keys"]["1"]
    handed = tmp_path / "handed"
    for _ in range(2):
        rotate(tmp_path, "registration", handed)
    assert retire(tmp_path, "registration", handed, needed={1}) == [2]
    assert Sealer.from_file(path).open(sealed, "persons.fin") == "5ZK21QA"
    assert retire(tmp_path, "registration", handed, needed=set()) == [1]
    assert retire(tmp_path, "registration", handed, needed=set()) == []
    with pytest.raises(SealError, match="no key 1"):
        Sealer.from_file(path).open(sealed, "persons.fin")
    assert json.loads((tmp_path / "registration.retired.json").read_text())["1"] == key
    own = handed / "registration" / path.name
    assert own.read_text() == path.read_text()
    assert own.stat().st_mode & 0o777 == 0o600
    # A number is never given twice: what the lost key sealed must not meet another one.
    assert rotate(tmp_path, "registration", handed) == 4


def test_the_active_key_cannot_be_taken_out() -> None:
    made = with_new_key(new_ring())
    assert list(without_keys(made, [1, 2])["keys"]) == ["2"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"active": 1, "keys": {}, "index": ""}', '{"active": 2, "keys": 1}'],
)
def test_a_file_that_holds_no_ring_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "ring.json").write_text(content)
    with pytest.raises(ValueError, match=r"ring\.json holds no ring"):
        Ring.read(tmp_path / "ring.json")


def test_neither_ring_nor_sealer_shows_a_key(sealer: Sealer, tmp_path: Path) -> None:
    ring(tmp_path / "ring.json")
    held = json.loads((tmp_path / "ring.json").read_text())
    shown = repr(Ring.read(tmp_path / "ring.json")) + repr(sealer)
    assert held["index"] not in shown
    assert held["keys"]["1"] not in shown


@pytest.mark.parametrize("service", SEALING)
def test_every_sealed_column_says_its_context_so_that_reseal_finds_it(service: str) -> None:
    tables = sealed_tables(service)
    named = {
        f"{table.name}.{column.name}"
        for table in tables[0].metadata.sorted_tables
        for column in table.c
        if column.name.endswith("sealed")
    }
    found = {f"{table.name}.{name}" for table in tables for name in contexts(table)}
    assert named <= found
