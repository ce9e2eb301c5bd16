"""What phonenumbers says of a number, which takes a while to find out."""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber
from phonenumbers.re_util import enable_pattern_cache

# Numbers of many countries would drive each other's patterns out of Python's own, small cache.
enable_pattern_cache()

#: The country code that North America and the Caribbean share.
NANP = 1
_NANP = re.compile(r"\+1[2-9][0-9]{9}")
#: Regions that share their code, and in which phonenumbers finds only what is valid there.
_BY_VALIDITY = frozenset({"US", "CA"})
#: What phonenumbers calls the region of numbers that belong to no country.
NOWHERE = frozenset({"ZZ", "001"})


class NumberReading(NamedTuple):
    """A number, the region it is assigned in, and whether it can be one there."""

    number: PhoneNumber
    region: str | None
    is_valid: bool

    @property
    def type(self) -> int:
        """Its `PhoneNumberType`."""
        return phonenumbers.number_type(self.number)

    @property
    def code(self) -> int:
        return self.number.country_code or 0

    @property
    def country(self) -> str | None:
        """The ISO 3166 country it belongs to, None for numbers of no country.

        An unassigned number counts to the main country of its code, whose rules then hold.
        """
        region = self.region or phonenumbers.region_code_for_country_code(self.code)
        return None if region in NOWHERE else region


# One number is read for its normal form, its zones and its country, one right after the other.
@lru_cache(maxsize=8)
def read_number(text: str, country: str | None) -> NumberReading | None:
    """A number with its "+", or as people of `country` write it; None if it cannot be read."""
    try:
        number = _of_nanp(text) or phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    return NumberReading(number, region, region is not None and _is_valid(number, region))


def _is_valid(number: PhoneNumber, region: str) -> bool:
    return region in _BY_VALIDITY or phonenumbers.is_valid_number_for_region(number, region)


def _of_nanp(text: str) -> PhoneNumber | None:
    """Ten digits after +1, none of which can be a prefix: all that parsing them would find."""
    if _NANP.fullmatch(text) is None:
        return None
    return PhoneNumber(country_code=NANP, national_number=int(text[2:]))


#: Numbers whose calls are dear, or shared by several who pay.
_DEAR = frozenset(
    {phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST}
)


def is_dear(text: str) -> bool:
    """Whether calls to a number with its "+" cost more than a call: premium rates, shared costs."""
    read = read_number(text, None)
    return read is not None and read.type in _DEAR
