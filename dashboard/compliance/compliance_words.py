"""What the pages of compliance say in words: places, kinds of rules, what a rule says of a call."""

from collections.abc import Mapping

from policy.location.recipient_location import ZoneSource
from policy.model.purposes import Notice
from policy.rules.model import KINDS, Confidence
from policy.rules.rule_text import NOTICES

_STATES = (
    "AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT "
    "Connecticut, DE Delaware, DC District of Columbia, FL Florida, GA Georgia, HI Hawaii, ID "
    "Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas, KY Kentucky, LA Louisiana, ME Maine, "
    "MD Maryland, MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi, MO Missouri, "
    "MT Montana, NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, NY "
    "New York, NC North Carolina, ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, PA "
    "Pennsylvania, PR Puerto Rico, RI Rhode Island, SC South Carolina, SD South Dakota, TN "
    "Tennessee, TX Texas, UT Utah, VT Vermont, VA Virginia, WA Washington, WV West Virginia, "
    "WI Wisconsin, WY Wyoming, XX a state of the United States, but not known which"
)
_PLACES: Mapping[str, str] = {
    "*": "Everywhere",
    "EU": "European Union",
    "US": "United States",
    "AU": "Australia",
    "CA": "Canada",
    "DE": "Germany",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "IN": "India",
    "IT": "Italy",
    **{f"US-{code}": name for code, _, name in (one.partition(" ") for one in _STATES.split(", "))},
}
KIND_NAMES: Mapping[str, str] = {
    "calling_hours": "Calling hours",
    "attempt_cap": "Cap",
    "consent": "Consent",
    "consent_age": "Age of consent",
    "registry": "Registry",
    "disclosure": "Notice",
    "ring_time": "Ring time",
    "caller_id_range": "Caller ID",
    "prerequisite": "Prerequisite",
    "revocation": "Revocation",
    "duty": "Duty",
    "blackout": "Blackout",
}
assert tuple(KIND_NAMES) == KINDS
CONFIDENCE: Mapping[Confidence, str] = {
    Confidence.PRIMARY: "its text was read",
    Confidence.SECONDARY: "by what others say of it",
    Confidence.CONFLICTING: "sources disagree; the stricter is held",
    Confidence.CONVENTION: "no law: a convention",
}
SOURCES: Mapping[ZoneSource, str] = {
    ZoneSource.STATED: "you said so",
    ZoneSource.POSTAL_CODE: "the postal code is there",
    ZoneSource.NUMBER: "the number may be there",
    ZoneSource.COUNTRY: "the country you said",
}
#: What a rule says of a call: in words, and whether it holds it back.
_VERDICTS: Mapping[str, tuple[str, str]] = {
    "open": ("open", "good"),
    "met": ("met", "good"),
    "room": ("room left", "good"),
    "clear": ("not listed", "good"),
    "said": ("will be said", "good"),
    "nothing": ("nothing to say", "calm"),
    "waived": ("waived by you", "warn"),
    "exempt": ("exempt by consent", "warn"),
    "closed": ("closed", "bad"),
    "full": ("full", "bad"),
    "missing": ("missing", "bad"),
    "listed": ("listed", "bad"),
    "stale": ("too old", "bad"),
    "impossible": ("cannot be said", "bad"),
    "short": ("rings too short", "bad"),
    "unknown": ("not known", "bad"),
    "taken_back": ("taken back", "bad"),
    "out_of_range": ("of another range", "bad"),
    "not_concerned": ("not about you", "calm"),
}


def place(code: str) -> str:
    """`US-FL` as `Florida`; what has no name here is its code."""
    return _PLACES.get(code, code)


def kind(code: str) -> str:
    return KIND_NAMES.get(code, code.replace("_", " "))


def confidence(code: Confidence | str | None) -> str:
    return CONFIDENCE[Confidence(code)] if code else ""


def source(code: ZoneSource) -> str:
    return SOURCES[code]


def notice(code: str) -> str:
    """`callback_number` as `a number to call back`."""
    return NOTICES[Notice(code)]


def notices(codes: str) -> str:
    """`identity, ai` as `who calls and that it is an AI`; what is no list of notices stays."""
    names = codes.split(", ")
    known = all(name in set(Notice) for name in names)
    return " and ".join(map(notice, names)) if known else codes


def verdict(code: str) -> tuple[str, str]:
    """In words, with the tone of its pill."""
    return _VERDICTS.get(code, (code, "calm"))
