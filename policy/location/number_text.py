"""A phone number as people and programs write it, made plain before anybody reads its digits.

What only looks different is made alike: invisible marks, kinds of spaces, full-width digits,
`tel:`, the apostrophe and the `.0` of a spreadsheet. What may mean another number is refused: a
decimal part, digits that were rounded away. An extension is told apart from the number before it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from policy.model.call import Refusal
from policy.model.reasons import RefusalCode

#: Marks that are not seen: zero width, direction, soft hyphen, byte order.
_UNSEEN = frozenset(
    "\u00ad\u061c\u180e\ufeff"
    + "".join(map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A))))
)
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")
_LIKE = {"\uff0b": "+", "\uff08": "(", "\uff09": ")", "\uff0e": ".", "\uff0f": "/", "\u2044": "/"}
_APOSTROPHES = "'\u2018\u2019\u02bc`"

_PLAIN = re.compile(r"\+?[0-9 \-.()\[\]/]{1,40}")
_BRACKETED_PLUS = re.compile(r"^\(\+([0-9]{1,3})\)")
#: 2125550117.0 out of a data frame or a workbook; some countries write a comma.
_WHOLE = re.compile(r"(\+?[0-9]{4,})[.,]0{1,6}")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?[eE][+-]?[0-9]{1,3}")
_EXTENSION = re.compile(
    r"(?P<number>.*?[0-9)\]][^0-9]{0,2}?)\s*"
    r"(?:(?P<clear>;\s*ext=|[,;]?\s*(?:extensi[oó]n|extn|ext|xtn|poste|anexo|interno|ramal|int|доб|x)"
    r"[.:]?\s*|#|,{2,3})|(?P<direct>durchwahl|dw)[.:]?|[,;])\s*(?P<extension>[0-9*#]{1,40})",
    re.IGNORECASE | re.DOTALL,
)
#: Far longer than any that people are given; so many keys are a second number.
LONGEST_EXTENSION = 11
_URI_CODES = {"%2b": "+", "%20": " ", "%28": "(", "%29": ")"}

_LETTERS = "The number may hold only digits, spaces, dashes, dots and brackets."


@dataclass(frozen=True, slots=True)
class NumberText:
    """`text`: an optional plus, digits, and " -.()[]/" between them. `extension`: keys to press."""

    text: str
    extension: str | None = None


def refused(message: str, code: RefusalCode = RefusalCode.INVALID_NUMBER) -> Refusal:
    return Refusal(code, "endpoint", message)


def without_marks(text: str) -> str:
    """Without what is not seen, with plain spaces, dashes and digits; a leading ' is dropped."""
    plain = text if text.isascii() else "".join(map(_plain_letter, text))
    plain = " ".join(plain.split())
    return plain[1:].lstrip() if plain[:1] in _APOSTROPHES and plain else plain


@lru_cache(maxsize=512)
def _plain_letter(letter: str) -> str:
    if letter in _UNSEEN:
        return ""
    if letter in _DASHES:
        return "-"
    if letter.isspace():
        return " "
    if unicodedata.category(letter) == "Nd":
        # Full-width and mathematical digits; those of other scripts are left as they are.
        return unicodedata.normalize("NFKC", letter)
    return _LIKE.get(letter, letter)


def number_text(text: str) -> NumberText | Refusal:
    """From what `without_marks` gives to digits and separators, or why it cannot be."""
    if text[:4].lower() == "tel:":
        text = _of_uri(text[4:])
    whole = _WHOLE.fullmatch(text)
    if whole is not None:
        return NumberText(whole[1])
    if _SCIENTIFIC.fullmatch(text):
        message = "Digits are lost: the spreadsheet rounded this number; format the column as text."
        return refused(message, RefusalCode.ROUNDED_NUMBER)
    text = _BRACKETED_PLUS.sub(r"+\1", text)
    if not _PLAIN.fullmatch(text):
        return _with_extension(text)
    return NumberText(text) if _dots_separate(text) else refused(_NO_DECIMALS)


_NO_DECIMALS = "A dot may only stand between groups of digits: this looks like a decimal."


def _of_uri(text: str) -> str:
    """RFC 3966, without its visual separators' escapes."""
    for code, letter in _URI_CODES.items():
        text = re.sub(code, letter, text, flags=re.IGNORECASE)
    return text.strip()


def _with_extension(text: str) -> NumberText | Refusal:
    found = _EXTENSION.fullmatch(text) if len(text) <= 80 else None
    if found is None or not _PLAIN.fullmatch(number := found["number"].strip()):
        return refused(_LETTERS)
    keys = found["extension"]
    if found["direct"] is not None:
        # Whoever presses these digits after the answer reaches nobody: the exchange wants them.
        message = "A Durchwahl is part of the number: write its digits behind it, with a dash."
        return refused(message, RefusalCode.HAS_EXTENSION)
    if found["clear"] is None:
        message = "After a comma: an extension or another number? Write ext. before an extension."
        return refused(message, RefusalCode.HAS_EXTENSION)
    if len(keys) > LONGEST_EXTENSION or not any(map(str.isdigit, keys)):
        message = f"An extension has at most {LONGEST_EXTENSION} keys, and a digit among them."
        return refused(message, RefusalCode.HAS_EXTENSION)
    return NumberText(number, keys) if _dots_separate(number) else refused(_NO_DECIMALS)


def _dots_separate(text: str) -> bool:
    """Whether no dot can be a decimal point, which nothing but a few last digits comes after."""
    after = text.split(".")[1:]
    if not after or not after[-1].strip().isdigit():
        return True
    last = after[-1].strip()
    if len(after) == 1:
        return len(last) >= 4
    # 01.99.00.12.34 is written in pairs.
    return len(last) >= 3 or len(last) == len(after[-2].strip()) == 2
