"""Which number some digits are: of several readings the only one that there can be, or none.

A reading that glues a second number to the first, or says the country code twice, would call
somebody else.
"""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
)

from policy.location.number_forms import forms_of
from policy.location.number_metadata import NANP, NOWHERE, NumberReading, read_number
from policy.location.number_text import refused
from policy.model.call import Refusal
from policy.model.reasons import RefusalCode

_GROUP = re.compile(r"[0-9]+")
#: A piece of a number at the end of another one has at least so many digits.
_PIECE = 4
_SECOND_NUMBER = 6
_LONGEST = 15  # E.164
_ITALY = 39
_ABROAD = ("011", "00")
#: Where phonenumbers takes longer ones for valid, which nobody has: digits after the area code.
_LONGEST_NATIONAL = {"DE": 11}

_NO_SUCH = "No such number can exist in the country of its code."
_TWO = "The number goes on after its end. A cell or field takes one number."


def number_of(text: str, country: str | None) -> str | Refusal:
    """E.164, of digits and separators; raises nothing. `country`: of numbers without a plus."""
    found = _read(text, country)
    if isinstance(found, Refusal):
        return found
    if found is None or len(spelled(found.number)) > _LONGEST + 1:
        return refused(_NO_SUCH)
    if "(0)" in text and not _has_trunk_zero(found):
        return refused(_NO_SUCH)
    if _goes_on(text, country, found):
        return refused(_TWO)
    if may_exist(found):
        value = spelled(found.number)
        return value if found.is_valid else _current(value)
    current = _current(spelled(found.number))
    return refused(_NO_SUCH) if current == spelled(found.number) else current


def _has_trunk_zero(read: NumberReading) -> bool:
    """Whether `(0)` is what is left out abroad, as in +44 (0)20, or stays, as in Italy.

    Elsewhere it may be a digit, or a habit brought from other countries.
    """
    if read.code == _ITALY:
        # Before a mobile or another 0 it is a habit from abroad.
        digits = phonenumbers.national_significant_number(read.number)
        return digits[:1] == "0" and digits[1:2] not in ("0", "3")
    region = phonenumbers.region_code_for_country_code(read.code)
    has_prefix = phonenumbers.ndd_prefix_for_region(region, True) == "0"
    return has_prefix and not read.number.italian_leading_zero


def spelled(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def may_exist(read: NumberReading) -> bool:
    if read.is_valid:  # which is what makes a number valid
        return True
    number = read.number
    reason = phonenumbers.is_possible_number_with_reason(number)
    known = phonenumbers.region_code_for_country_code(read.code) not in NOWHERE
    return reason == ValidationResult.IS_POSSIBLE and known and not _cannot_exist(number)


def _cannot_exist(number: PhoneNumber) -> bool:
    digits = phonenumbers.national_significant_number(number)
    if len(set(digits)) == 1:
        return True
    # NANP area codes are [2-9]XX and never N11 (NANPA planning letters): 911 must not be reached.
    area = digits[:3]
    return number.country_code == NANP and (area[0] in "01" or area[1:] == "11")


def _current(value: str) -> str:
    """The form in use today of a number that is written as it was before a change."""
    current = forms_of(value)[0]
    read = None if current == value else read_number(current, None)
    return current if read is not None and read.is_valid else value


# -- national or with the country's code


def _read(text: str, country: str | None) -> NumberReading | Refusal | None:
    if text.startswith("+"):
        return read_number(text, None)
    digits = "".join(_GROUP.findall(text))
    national = _national(text, digits, country) if country else None
    full = _full(text, digits, country) if country else None
    if full is None:
        return national
    if national is not None and _is_overlong(national):
        return full if may_exist(full) else national
    return _only_one(national, full)


def _national(text: str, digits: str, country: str) -> NumberReading | None:
    """As people of the country write it; also a number abroad, after the prefix they all use.

    A prefix that names a carrier, as in Brazil, is never told from digits of the number.
    """
    read = read_number(text, country)
    if read is None or (digits.startswith(_ABROAD) and not _is_valid(read)):
        return None
    is_abroad = str(read.code) != _code_of(country)
    return None if is_abroad and not digits.startswith(_prefix_of(country)) else read


@lru_cache(maxsize=512)
def _prefix_of(country: str) -> str:
    """What is dialed before a number abroad; where there are several, one that nobody dials."""
    metadata = PhoneMetadata.metadata_for_region(country)
    said = metadata and (metadata.preferred_international_prefix or metadata.international_prefix)
    plain = (said or "").replace("~", "")
    return plain if plain.isdigit() else "+"


def _full(text: str, digits: str, country: str) -> NumberReading | None:
    """The digits as a number with a country's code, if they begin like one: with the code of
    `country`, or with a prefix for calls abroad, which people bring with them from elsewhere."""
    if digits.startswith(_code_of(country)):
        return read_number("+" + text.lstrip("("), None)
    prefix = next((one for one in _ABROAD if digits.startswith(one)), None)
    return read_number("+" + digits.removeprefix(prefix), None) if prefix else None


def _is_overlong(read: NumberReading) -> bool:
    longest = _LONGEST_NATIONAL.get(read.region or "", _LONGEST)
    return len(phonenumbers.national_significant_number(read.number)) > longest


@lru_cache(maxsize=512)
def _code_of(country: str) -> str:
    return str(phonenumbers.country_code_for_region(country))


def _only_one(
    national: NumberReading | None, full: NumberReading | None
) -> NumberReading | Refusal | None:
    """Digits that begin with the country's code may be the whole number, or go on after it."""
    both = [one for one in (national, full) if one is not None and may_exist(one)]
    if not both or len({spelled(one.number) for one in both}) == 1:
        return both[0] if both else national
    valid = [one for one in both if _is_valid(one)]
    if len(valid) == 1:
        return valid[0]
    first, second = (spelled(one.number) for one in both)
    return refused(
        f"This may be {first} or {second}. Write it with + and its country code.",
        RefusalCode.AMBIGUOUS_NUMBER,
    )


def _is_valid(read: NumberReading) -> bool:
    """Today, or before a change."""
    value = spelled(read.number)
    return read.is_valid or _current(value) != value


# -- a number and a piece of another


def _goes_on(text: str, country: str | None, whole: NumberReading) -> bool:
    """Whether some groups are a number of their own and what comes after is none of its digits."""
    groups = [(one.start(), one[0]) for one in _GROUP.finditer(text)]
    if len(groups) < 2 or whole.code == NANP:  # whose numbers are all of one length
        return False
    is_valid = whole.is_valid
    for index in range(1, len(groups)):
        head, tail = text[: groups[index][0]], "".join(digits for _, digits in groups[index:])
        between = head.rstrip(" ")
        doubtful = not is_valid or between.endswith("/") or _is_piece(head, tail, country, whole)
        if doubtful and _is_whole(head, country, whole):
            return True
    return False


def _is_whole(head: str, country: str | None, whole: NumberReading) -> bool:
    read = _read(head.rstrip(" -./(["), country)
    if isinstance(read, Refusal):
        return True
    return read is not None and read.code == whole.code and read.is_valid


def _is_piece(head: str, tail: str, country: str | None, whole: NumberReading) -> bool:
    """A lone digit, the beginning of the same number once more, or another number."""
    digits = "".join(_GROUP.findall(head))
    if len(tail) == 1 and head.endswith(" "):
        return True
    if len(tail) >= _PIECE and digits.startswith(tail[: len(digits)]):
        return True
    if len(tail) < _SECOND_NUMBER:
        return False
    second = read_number(tail, country or whole.region or "ZZ")
    return tail[0] == "0" or (second is not None and second.is_valid)
