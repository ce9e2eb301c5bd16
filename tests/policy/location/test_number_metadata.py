"""What is read of a number on a short way is what phonenumbers says of it on its own."""

from collections.abc import Callable, Iterator
from random import Random

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from policy.location.number_metadata import read_number

_TYPES = tuple(PhoneNumberType.values())


def _north_american() -> Iterator[str]:
    """Of all area codes that can be, assigned or not, and of lengths that cannot be."""
    chance = Random(7)
    for code in range(0, 1000):
        yield f"+1{code:03}{chance.randrange(10**7):07}"
        yield f"+1{code:03}555{chance.randrange(10**4):04}"
    yield from ("+1202555012", "+120255501234", "+12025550123", "+18005550199", "+19005550199")


def _of_every_country() -> Iterator[str]:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in _TYPES:
            found = phonenumbers.example_number_for_type(region, kind)
            if found is not None:
                yield phonenumbers.format_number(found, PhoneNumberFormat.E164)
                yield phonenumbers.format_number(found, PhoneNumberFormat.E164) + "1"


@pytest.mark.parametrize("numbers", [_north_american, _of_every_country])
def test_a_number_is_read_as_phonenumbers_reads_it(numbers: Callable[[], Iterator[str]]) -> None:
    for text in numbers():
        try:
            known = phonenumbers.parse(text, None)
        except phonenumbers.NumberParseException:
            assert read_number(text, None) is None, text
            continue
        found = read_number(text, None)
        assert found is not None, text
        assert found.number == known, text
        assert found.region == phonenumbers.region_code_for_number(known), text
        assert found.is_valid == phonenumbers.is_valid_number(known), text
        assert found.is_valid == (found.type != PhoneNumberType.UNKNOWN), text
