"""Text of strangers made fit for a terminal and a table: no control character passes."""

MOST = 200
"""Characters; more is no marker that a person writes."""


def printable(text: str, most: int = MOST) -> str:
    """The text in one line, without control characters such as escapes, bells, half pairs."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * most])
    return " ".join(kept.split())[:most]


def without_controls(text: str) -> str:
    """A name as it is, but for what would act on a terminal: ``?`` stands in its place."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
