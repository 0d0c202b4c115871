"""How many SMS parts a text takes: what it costs, and what its author should see."""

import re
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["gsm7", "ucs2"]

# 3GPP TS 23.038, 6.2.1: code 0x1B (escape) stands for no character, so it is left out.
GSM_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 3GPP TS 23.038, 6.2.1.1: each is sent as escape and a second septet.
GSM_EXTENSION = "\f^{}\\[~]|€"

GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67

_ESCAPE = "\x1b"
_outside_gsm = re.compile(f"[^{re.escape(GSM_ALPHABET + GSM_EXTENSION)}]").search
_astral = re.compile("[\U00010000-\U0010ffff]").search


@dataclass(frozen=True, slots=True)
class Parts:
    """The size of one text: `units` are septets (gsm7) or UTF-16 code units (ucs2).

    `per_part` is the room in each of these parts: 160 or 70 when the text fits in one,
    153 or 67 when a concatenation header takes its share (3GPP TS 23.040, 9.2.3.24.1).
    """

    encoding: Encoding
    units: int
    parts: int
    per_part: int


def count_parts(text: str) -> Parts:
    """Count the SMS parts of a text.

    One letter outside the GSM alphabet (such as ə, ğ, ş, ı, İ or small ç) makes the whole text
    ucs2; nothing is folded. Neither an escape pair nor a surrogate pair is split over two
    parts. An empty text is 0 parts: there is nothing to send.
    """
    if _outside_gsm(text):
        return _count_ucs2(text)
    return _count_gsm(text)


def _count_gsm(text: str) -> Parts:
    septets = text
    for char in GSM_EXTENSION:
        if char in septets:
            septets = septets.replace(char, _ESCAPE + char)
    units = len(septets)
    if units <= GSM_SINGLE:
        return Parts("gsm7", units, min(units, 1), GSM_SINGLE)
    if units == len(text):
        return Parts("gsm7", units, -(-units // GSM_PART), GSM_PART)
    parts = start = 0
    while start < units:
        start += GSM_PART
        if start < units and septets[start - 1] == _ESCAPE:
            start -= 1
        parts += 1
    return Parts("gsm7", units, parts, GSM_PART)


def _count_ucs2(text: str) -> Parts:
    if not _astral(text):
        units = len(text)
        if units <= UCS2_SINGLE:
            return Parts("ucs2", units, 1, UCS2_SINGLE)
        return Parts("ucs2", units, -(-units // UCS2_PART), UCS2_PART)
    encoded = text.encode("utf-16-be", "surrogatepass")
    units = len(encoded) // 2
    if units <= UCS2_SINGLE:
        return Parts("ucs2", units, 1, UCS2_SINGLE)
    parts = start = 0
    while start < units:
        start += UCS2_PART
        if start < units and _is_low_surrogate(encoded[2 * start]):
            start -= 1
        parts += 1
    return Parts("ucs2", units, parts, UCS2_PART)


def _is_low_surrogate(high_byte: int) -> bool:
    return 0xDC <= high_byte <= 0xDF
