"""Whether the carrier lets an account show a number, as far as its own list says."""

from dataclasses import dataclass
from enum import StrEnum


class CallerIdCheck(StrEnum):
    """How strictly caller IDs are held to the carrier's list: TRUNKLINE_CALLER_ID_CHECK."""

    OFF = "off"  # any number may be shown: a carrier that lists none
    IMPORTED = "imported"  # as soon as the list was imported
    REQUIRED = "required"  # what was not imported yet is refused, too


class CallerIdStanding(StrEnum):
    """What is known of a caller ID. Stable words: they are shown by the API."""

    OWNED = "owned"
    VERIFIED = "verified"
    #: It was on the list once and is not any more.
    LOST = "lost"
    #: It never was on the list.
    UNLISTED = "unlisted"
    #: The account has it, but for texts only.
    NO_VOICE = "no_voice"
    #: Nobody has asked the carrier for its list yet.
    NOT_IMPORTED = "not_imported"
    #: A SIP address, which no carrier lists.
    NOT_A_NUMBER = "not_a_number"
    #: The account at the carrier that dials from it is disabled here.
    DISABLED = "disabled"


#: Those that the carrier refuses at the dial (21210, 21212).
_REFUSED = frozenset({CallerIdStanding.LOST, CallerIdStanding.UNLISTED, CallerIdStanding.NO_VOICE})
_WHY = {
    CallerIdStanding.LOST: "The carrier has taken this number off the account's list.",
    CallerIdStanding.UNLISTED: "The account at the carrier neither owns nor has verified it.",
    CallerIdStanding.NO_VOICE: "The account has this number without voice.",
    CallerIdStanding.NOT_IMPORTED: "The carrier's list of numbers was not imported yet.",
    CallerIdStanding.DISABLED: "The account at the carrier that dials from it is disabled.",
}
_MEND = {
    CallerIdStanding.NOT_IMPORTED: "Import it first: POST /api/v1/caller-ids/import.",
    CallerIdStanding.DISABLED: "Enable it, or give the number to another.",
}
_BUY = "Buy or verify it at the carrier and import the list anew, or leave it out."


@dataclass(frozen=True, slots=True)
class Listed:
    """A number as a list had it last. `voice` None: the carrier did not say."""

    is_verified: bool
    voice: bool | None
    is_lost: bool


def standing_of(
    number: str, listed: Listed | None, *, was_imported: bool, is_disabled: bool = False
) -> CallerIdStanding:
    """The standing of a caller ID at the account that it is dialed from."""
    if is_disabled:
        return CallerIdStanding.DISABLED
    if not number.startswith("+"):
        return CallerIdStanding.NOT_A_NUMBER
    if not was_imported:
        return CallerIdStanding.NOT_IMPORTED
    if listed is None:
        return CallerIdStanding.UNLISTED
    if listed.is_lost:
        return CallerIdStanding.LOST
    if listed.voice is False:
        return CallerIdStanding.NO_VOICE
    return CallerIdStanding.VERIFIED if listed.is_verified else CallerIdStanding.OWNED


def is_barred(standing: CallerIdStanding, check: CallerIdCheck) -> bool:
    """Whether nobody is dialed from it: what we have disabled ourselves needs no list."""
    if standing is CallerIdStanding.DISABLED:
        return True
    return check is not CallerIdCheck.OFF and standing in _REFUSED


def refusal_of(standing: CallerIdStanding, check: CallerIdCheck) -> str | None:
    """Why a caller ID is not taken, and how to mend it; None: it is."""
    is_missing = standing is CallerIdStanding.NOT_IMPORTED and check is CallerIdCheck.REQUIRED
    if is_barred(standing, check) or is_missing:
        return f"{_WHY[standing]} {_MEND.get(standing, _BUY)}"
    return None
