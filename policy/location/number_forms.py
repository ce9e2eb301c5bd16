"""One person under several numbers: countries that changed how their numbers are written.

Whoever was listed, called or agreed under the old form is the same person under the new one. The
table has the changes after which old lists are still about; each row is documented in
docs/policy.md. What phonenumbers itself turns into the new form needs no row.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

#: From any form of a number to all of them, the one in use today first.
_Forms = Callable[[re.Match[str]], tuple[str, ...]]

_VIETNAM = {
    **{f"16{digit}": f"3{digit}" for digit in "23456789"},
    **{"120": "70", "121": "79", "122": "77", "126": "76", "128": "78"},
    **{"123": "83", "124": "84", "125": "85", "127": "81", "129": "82"},
    **{"186": "56", "188": "58", "199": "59"},
}
_VIETNAM_OLD = {new: old for old, new in _VIETNAM.items()}
_GABON = {"1": "11", "2": "62", "4": "74", "5": "65", "6": "66", "7": "77"}
_GABON_OLD = {new: old for old, new in _GABON.items()}
#: By the second digit of the eight that a mobile had before: whose network it was.
_IVORY_COAST = {**dict.fromkeys("0123", "01"), **dict.fromkeys("456", "05")}


def _mexico(found: re.Match[str]) -> tuple[str, ...]:
    """2019: no 1 before mobiles; 01, 044 and 045 went, too."""
    return f"+52{found[1]}", f"+521{found[1]}"


def _argentina(found: re.Match[str]) -> tuple[str, ...]:
    """The 9 of mobiles is said from abroad, and by some not at all."""
    return f"+54{found[1]}", f"+549{found[1]}"


def _brazil(found: re.Match[str]) -> tuple[str, ...]:
    """2012-2016: mobiles got a ninth digit. The few that begin with 7 have eight to this day."""
    longer, shorter = f"+55{found[1]}9{found[2]}", f"+55{found[1]}{found[2]}"
    return (shorter, longer) if found[2][0] == "7" else (longer, shorter)


def _ivory_coast(found: re.Match[str]) -> tuple[str, ...]:
    """2021: eight digits got two more, which name the network."""
    prefix, old = found[1], found[2]
    if old[0] in "23":
        fixed = [f"+225{two}{old}" for two in ("27", "25", "21")]
        return tuple(dict.fromkeys((*fixed, f"+225{old}")))
    network = _IVORY_COAST.get(old[1], "07")
    if prefix not in (None, network):
        return (found[0],)
    return f"+225{network}{old}", f"+225{old}"


def _benin(found: re.Match[str]) -> tuple[str, ...]:
    """2024: 01 before all numbers."""
    return f"+22901{found[1]}", f"+229{found[1]}"


def _colombia(found: re.Match[str]) -> tuple[str, ...]:
    """2021: 60 before the area codes of fixed lines."""
    return f"+5760{found[1]}{found[2]}", f"+57{found[1]}{found[2]}"


def _vietnam(found: re.Match[str]) -> tuple[str, ...]:
    """2018: mobiles of eleven digits got ten."""
    new = _VIETNAM.get(found[1], found[1])
    if new not in _VIETNAM_OLD:
        return (found[0],)
    return f"+84{new}{found[2]}", f"+84{_VIETNAM_OLD[new]}{found[2]}"


def _gabon(found: re.Match[str]) -> tuple[str, ...]:
    """2019: seven digits after the 0 got eight without it."""
    new = _GABON.get(found[1], found[1])
    if new not in _GABON_OLD:
        return (found[0],)
    old = f"{_GABON_OLD[new]}{found[2]}"
    return f"+241{new}{found[2]}", f"+2410{old}", f"+241{old}"


_TABLE: dict[str, tuple[re.Pattern[str], _Forms]] = {
    "+52": (re.compile(r"\+52(?:1|01|044|045)?([2-9]\d{9})"), _mexico),
    "+54": (re.compile(r"\+549?([1-3]\d{9})"), _argentina),
    "+55": (re.compile(r"\+55([1-9]\d)9?([6-9]\d{7})"), _brazil),
    "+57": (re.compile(r"\+57(?:60)?([1245678])(\d{7})"), _colombia),
    "+84": (re.compile(r"\+84(1[2689]\d|[3578]\d)(\d{7})"), _vietnam),
    "+225": (re.compile(r"\+225(0[157]|2[157])?(\d{8})"), _ivory_coast),
    "+229": (re.compile(r"\+229(?:01)?(\d{8})"), _benin),
    "+241": (re.compile(r"\+241(?:0?(?=\d{7}$))?([124567]|11|62|65|66|74|77)(\d{6})"), _gabon),
}


@lru_cache(maxsize=4096)
def _in_table(endpoint: str) -> tuple[str, ...]:
    row = _TABLE.get(endpoint[:3]) or _TABLE.get(endpoint[:4])
    found = row and row[0].fullmatch(endpoint)
    return row[1](found) if row and found else (endpoint,)


def forms_of(endpoint: str) -> tuple[str, ...]:
    """Every form in which this number may be on file, the one in use today first.

    Of nearly all numbers, and of a SIP address, that is the endpoint itself.
    """
    # Most numbers are of countries that have no row, and a list has ten thousand of them.
    if endpoint[:3] not in _FIRST:
        return (endpoint,)
    found = _in_table(endpoint)
    return found if endpoint in found else (*found, endpoint)


_FIRST = frozenset(code[:3] for code in _TABLE)
#: How the numbers begin that may be on file under several forms; every other has the one.
RENUMBERED = tuple(_TABLE)


def person_key(endpoint: str) -> str:
    """The same for all forms of a number: who is meant, however it was written."""
    return endpoint if endpoint[:3] not in _FIRST else forms_of(endpoint)[0]


def all_forms(endpoints: Iterable[str]) -> list[str]:
    """Every form of every number, each once: what to ask the database for."""
    return list(dict.fromkeys(form for one in endpoints for form in forms_of(one)))
