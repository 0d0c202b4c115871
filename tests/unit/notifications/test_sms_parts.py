"""SMS parts against the standard's table laid out code by code, and a slow greedy splitter."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notifications.channels.sms_parts import Encoding, Parts, count_parts

# 3GPP TS 23.038, 6.2.1: columns of the printed table, b7 b6 b5 = 0..7, each from b4..b1 = 0 to 15.
# "" is the escape (0x1B). Written apart from the product's table, so that a slip shows.
_COLUMNS: tuple[tuple[str, ...], ...] = (
    ("@", "£", "$", "¥", "è", "é", "ù", "ì", "ò", "Ç", "\n", "Ø", "ø", "\r", "Å", "å"),
    ("Δ", "_", "Φ", "Γ", "Λ", "Ω", "Π", "Ψ", "Σ", "Θ", "Ξ", "", "Æ", "æ", "ß", "É"),
    (" ", "!", '"', "#", "¤", "%", "&", "'", "(", ")", "*", "+", ",", "-", ".", "/"),
    ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ":", ";", "<", "=", ">", "?"),
    ("¡", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O"),
    ("P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z", "Ä", "Ö", "Ñ", "Ü", "§"),
    ("¿", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"),
    ("p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "ä", "ö", "ñ", "ü", "à"),
)
_BASIC = {
    char: bytes([16 * column + row])
    for column, chars in enumerate(_COLUMNS)
    for row, char in enumerate(chars)
    if char
}
_ESCAPED = {
    "\N{FORM FEED}": 0x0A,
    "\N{CIRCUMFLEX ACCENT}": 0x14,
    "\N{LEFT CURLY BRACKET}": 0x28,
    "\N{RIGHT CURLY BRACKET}": 0x29,
    "\N{REVERSE SOLIDUS}": 0x2F,
    "\N{LEFT SQUARE BRACKET}": 0x3C,
    "\N{TILDE}": 0x3D,
    "\N{RIGHT SQUARE BRACKET}": 0x3E,
    "\N{VERTICAL LINE}": 0x40,
    "\N{EURO SIGN}": 0x65,
}
_SEPTETS = _BASIC | {char: bytes([0x1B, code]) for char, code in _ESCAPED.items()}


def _oracle(text: str) -> Parts:
    if all(char in _SEPTETS for char in text):
        return _greedy("gsm7", [len(_SEPTETS[char]) for char in text], 160, 153)
    return _greedy("ucs2", [len(char.encode("utf-16-be")) // 2 for char in text], 70, 67)


def _greedy(encoding: Encoding, sizes: list[int], single: int, per_part: int) -> Parts:
    total = sum(sizes)
    if total <= single:
        return Parts(encoding, total, 1 if sizes else 0, single)
    parts: list[list[int]] = [[]]
    for size in sizes:
        if sum(parts[-1]) + size > per_part:
            parts.append([])
        parts[-1].append(size)
    return Parts(encoding, total, len(parts), per_part)


_GSM_TEXT = st.text(st.sampled_from("aZ@\n" + "".join(_ESCAPED)), max_size=500)
_WIDE_TEXT = st.text(st.sampled_from("aəğ€😀𝄞"), max_size=300)


def _near_borders(filler: str, special: str, per_part: int) -> st.SearchStrategy[str]:
    """Runs of filler just short of one, two, three parts, each followed by something wide."""
    run = st.tuples(st.integers(per_part - 4, per_part + 9), st.integers(0, 3))
    return st.lists(run, max_size=4).map(
        lambda runs: "".join(filler * length + special * wide for length, wide in runs)
    )


@settings(max_examples=600, deadline=None)
@given(
    st.one_of(
        st.text(max_size=400),
        _GSM_TEXT,
        _WIDE_TEXT,
        _near_borders("a", "€", 153),
        _near_borders("ə", "😀", 67),
    )
)
@example("a" * 152 + "€")
@example("ə" * 66 + "😀" + "ə" * 3)
def test_any_text_is_counted_as_the_slow_splitter_counts_it(text: str) -> None:
    assert count_parts(text) == _oracle(text)


def test_every_character_of_the_basic_plane_has_the_encoding_and_size_of_the_standard() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x10000)):
        assert count_parts(chr(code)) == _oracle(chr(code))


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts", "per_part"),
    [
        ("", "gsm7", 0, 0, 160),
        ("a" * 160, "gsm7", 160, 1, 160),
        ("a" * 161, "gsm7", 161, 2, 153),
        ("a" * 153 * 2, "gsm7", 306, 2, 153),
        ("a" * (153 * 2 + 1), "gsm7", 307, 3, 153),
        ("€" * 80, "gsm7", 160, 1, 160),
        ("€" * 81, "gsm7", 162, 2, 153),
        ("a" + "€" * 80, "gsm7", 161, 2, 153),
        # The pair does not fit in the last septet of the first part and moves on whole.
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3, 153),
        ("a" * 151 + "€" + "a" * 153, "gsm7", 306, 2, 153),
        # 76 pairs a part, one septet of each part lost: 153 pairs are 306 septets in 3 parts.
        ("€" * 153, "gsm7", 306, 3, 153),
        ("ə" * 70, "ucs2", 70, 1, 70),
        ("ə" * 71, "ucs2", 71, 2, 67),
        ("ə" * 67 * 2, "ucs2", 134, 2, 67),
        ("ə" * (67 * 2 + 1), "ucs2", 135, 3, 67),
        ("😀" * 35, "ucs2", 70, 1, 70),
        ("😀" * 36, "ucs2", 72, 2, 67),
        ("ə" * 69 + "😀", "ucs2", 71, 2, 67),
        ("ə" * 66 + "😀" + "ə" * 66, "ucs2", 134, 3, 67),
        ("ə" * 65 + "😀" + "ə" * 67, "ucs2", 134, 2, 67),
        # 33 pairs a part, one unit of each part lost.
        ("😀" * 67, "ucs2", 134, 3, 67),
        ("a" * 160 + "ə", "ucs2", 161, 3, 67),
    ],
)
def test_hand_computed_borders(
    text: str, encoding: str, units: int, parts: int, per_part: int
) -> None:
    counted = count_parts(text)
    assert (counted.encoding, counted.units, counted.parts, counted.per_part) == (
        encoding,
        units,
        parts,
        per_part,
    )


@pytest.mark.parametrize("letter", "əƏğĞşŞıİç")
def test_azerbaijani_letters_outside_the_gsm_alphabet_make_the_text_ucs2(letter: str) -> None:
    assert count_parts("salam " + letter).encoding == "ucs2"


@pytest.mark.parametrize("letter", "öÖüÜÇ")
def test_azerbaijani_letters_inside_the_gsm_alphabet_stay_gsm(letter: str) -> None:
    assert count_parts("salam " + letter).encoding == "gsm7"


def test_a_bare_escape_is_not_a_gsm_character() -> None:
    assert count_parts("a\x1bb").encoding == "ucs2"


def test_a_lone_surrogate_counts_as_one_unit() -> None:
    assert count_parts("\ud83d" * 70) == Parts("ucs2", 70, 1, 70)
