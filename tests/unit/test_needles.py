"""What looks for personal data finds it, in the spellings that people and programs use."""

import pytest

from tests.support.needles import Needles

NEEDLES = Needles(
    words={"Əli", "Vaqif oğlu"}, values={"+994501234567", "5ZK21QB", "Nizami küç. 14"}
)


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "told", "to": "+994501234567"}',
        '{"event": "called 050 123-45-67"}',
        '{"event": "called 50 123 45 67"}',
        '{"path": "/v1/families?q=5zk21qb"}',
        '{"error": "no room at nizami küç. 14"}',
        '{"error": "no room at Nizami k\\u00fc\\u00e7. 14"}',
        '{"event": "hello əli!"}',
        '{"event": "Vaqif oğlu came"}',
        '{"cookie": "eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiJ4In0.c2ln"}',
    ],
)
def test_one_line_is_found(line: str) -> None:
    assert NEEDLES.found_in(f'{{"event": "starting"}}\n{line}\n')


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "told", "id": "01a2131d-1fad-7183-afba-44832ef4520d"}',
        '{"event": "Əliyeva? no: another word", "oğlu": "Vaqif"}',
        '{"route": "/v1/families/{family_id}", "status": 404}',
    ],
)
def test_what_only_looks_like_it_is_not(line: str) -> None:
    assert NEEDLES.found_in(line) == set()
