"""Which passwords are taken: long ones that nobody guesses at once, made of whatever one likes.

By NIST SP 800-63B-4, section 3.1.1.2: at least 15 characters where nothing else is asked for, no
rules on what they are made of, no end after some months; refused are those that are expected.
"""

import unicodedata
from collections.abc import Iterable

SHORTEST, LONGEST = 15, 200
#: Rows of keyboards and what people count by, both ways round.
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "01234567890", "1234567890")
_EXPECTED = ("trunkline", "password", "passwort", "letmein", "welcome", "changeme", "iloveyou")
#: What is left besides the expected has to be so long.
_OWN_PART = 8
_NAMED_FROM = 4


def normal(password: str) -> str:
    """One spelling for what looks alike, whatever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)


def complaint(password: str, known: Iterable[str]) -> str | None:
    """Why this password is not taken, in a sentence; None: it is.

    `known`: what everybody knows of whoever it is for, such as name and address.
    """
    text = normal(password)
    if len(text) < SHORTEST:
        return f"Must be at least {SHORTEST} characters long; a sentence will do."
    if len(text) > LONGEST:
        return f"Must be at most {LONGEST} characters long."
    if _is_repeated(text) or _is_counted(text):
        return "This is one of the first that anybody would try: it only repeats or counts."
    if len(_without(text.casefold(), known)) < _OWN_PART:
        return "This is one of the first that anybody would try: it is mostly a known word or name."
    return None


def _is_repeated(text: str) -> bool:
    """The same few characters over and over."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 6))


def _is_counted(text: str) -> bool:
    folded = text.casefold()
    rows = [way * 20 for row in _ROWS for way in (row, row[::-1])]
    return any(folded in row for row in rows)


def _without(text: str, known: Iterable[str]) -> str:
    words = [part for one in known for part in _words(one.casefold())]
    for word in sorted((*words, *_EXPECTED), key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _words(text: str) -> list[str]:
    parts = "".join(letter if letter.isalnum() else " " for letter in text).split()
    return [part for part in (text, *parts) if len(part) >= _NAMED_FROM]
