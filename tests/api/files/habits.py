"""People, and how those of twelve countries write their numbers in lists. All numbers are
fictional or out of phonenumbers' examples; the seed is fixed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat

Habit = Callable[[str, str, random.Random], str]

#: By country: its code, patterns of national numbers (x: any digit), and its trunk prefix.
COUNTRIES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "US": ("1", ("21255501xx", "30555501xx", "41555501xx", "31255501xx"), ""),
    "CA": ("1", ("41655501xx", "60455501xx"), ""),
    "GB": ("44", ("20794600xx", "2079460xxx", "7700900xxx", "1632960xxx"), "0"),
    "DE": ("49", ("3023125xxx", "152288172xx", "171392008x", "89999981xx"), "0"),
    "FR": ("33", ("19900xxxx", "63998xxxx", "26191xxxx"), "0"),
    "ES": ("34", ("612345xxx", "912345xxx"), ""),
    "IT": ("39", ("3123456xxx", "0212345xxx", "0612345xxx"), ""),
    "BR": ("55", ("119612xxxxx", "219912xxxxx", "11234xxxxx"), "0"),
    "MX": ("52", ("551234xxxx", "331234xxxx"), ""),
    "AU": ("61", ("491570xxx", "25550xxxx"), "0"),
    "JP": ("81", ("90123xxxxx", "31234xxxx"), "0"),
    "IN": ("91", ("98100xxxxx", "22123xxxxx"), "0"),
}
NAMES = ["Ada", "Björn", "Chloé", "Đặng", "Eve", "François", "Gül", "Håkon", "Íñigo", "Jürgen"]
SURNAMES = ["Lovelace", "O'Neil", "de la Cruz", "Müller", "García", "Rossi", "Silva", "Sato"]


@dataclass(frozen=True, slots=True)
class Person:
    """`written`: as the list has it; `endpoint`: whom it means."""

    name: str
    written: str
    endpoint: str


def people(country: str, count: int, seed: int = 7) -> Iterator[Person]:
    """As one list of a country has them, each with a number of their own."""
    chance = random.Random(f"{country}{seed}")
    code, patterns, trunk = COUNTRIES[country]
    seen: set[str] = set()
    tries = 0
    while len(seen) < count:
        tries += 1
        pattern = chance.choice(patterns)
        # Where the fictional numbers do not suffice, any subscriber of the same area.
        wild = tries > 20 * count
        national = "".join(
            str(chance.randrange(10))
            if letter == "x" or (wild and at >= len(pattern) - 4)
            else letter
            for at, letter in enumerate(pattern)
        )
        endpoint = f"+{code}{national}"
        if endpoint in seen:
            continue
        seen.add(endpoint)
        name = f"{chance.choice(NAMES)} {chance.choice(SURNAMES)}"
        yield Person(name, _written(country, national, trunk, chance), endpoint)


def _written(country: str, national: str, trunk: str, chance: random.Random) -> str:
    code = COUNTRIES[country][0]
    number = phonenumbers.parse(f"+{code}{national}")
    shown = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    abroad = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    forms = [
        f"+{code}{national}",
        abroad,
        shown,
        trunk + national,
        national,
        f"{national}.0",
        f"+{code}{national}.0",
        abroad.replace(" ", "-"),
        abroad.replace(" ", "\u00a0"),
        shown.replace(" ", "\u2009"),
        f"'{trunk}{national}",
        f"\u202a{abroad}\u202c",
        f"tel:{abroad.replace(' ', '-')}",
        f"{'011' if code == '1' else '00'}{code}{national}" if country != "JP" else abroad,
        f"{code}{national}",
        "".join(chr(0xFF10 + int(d)) if d.isdigit() else d for d in shown),
        *_bad(shown, national, trunk),
    ]
    return chance.choice(forms)


def _bad(shown: str, national: str, trunk: str) -> list[str]:
    """What lists have besides: each is to be refused, or read as whom it means."""
    return [
        f"{shown} ext. 5",
        f"{float(national):.5E}",
        f"{shown} {trunk}{national[:6]}",
        f"{shown} / {shown}",
        f"{trunk}{national}.5",
    ]
