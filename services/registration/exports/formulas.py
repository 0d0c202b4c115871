"""What looks like a formula stays data (OWASP: CSV injection)."""

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def escaped(text: str) -> str:
    """Put an apostrophe before a text that an office program would calculate."""
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINNINGS) else text
