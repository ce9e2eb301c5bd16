"""What may have to be known of a number before it is dialed: checks, and their answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class NumberCheck(StrEnum):
    """What is asked of a number, and where: at the carrier, or in a list that was imported."""

    #: Mobile, landline and so on, and who serves it.
    LINE_TYPE = "line_type"
    #: Whether it has been given to somebody else since the person agreed to be called.
    REASSIGNED = "reassigned"
    #: Whether it stands in a list that the account imported, such as one of litigators.
    LIST = "list"


#: Those for which somebody is asked, and paid.
ASKED_CHECKS = (NumberCheck.LINE_TYPE, NumberCheck.REASSIGNED)


class LineType(StrEnum):
    """The carrier's own words for lines. One that it says besides is kept as it says it."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    FIXED_VOIP = "fixedVoip"
    NON_FIXED_VOIP = "nonFixedVoip"
    PERSONAL = "personal"
    TOLL_FREE = "tollFree"
    PREMIUM = "premium"
    SHARED_COST = "sharedCost"
    UAN = "uan"
    VOICEMAIL = "voicemail"
    PAGER = "pager"
    UNKNOWN = "unknown"


class Reassigned(StrEnum):
    """The answer of the Reassigned Numbers Database. Only `no` gives the caller safe harbour."""

    YES = "yes"
    NO = "no"
    NO_DATA = "no_data"


class NoData(StrEnum):
    """What becomes of a call whose number the database of reassigned numbers knows nothing of."""

    REFUSE = "refuse"
    DIAL = "dial"


#: Of a line: the carrier says that no such number can exist.
INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A check whose answer must not be older than `max_age` when the number is dialed.

    `refuse`: types of lines that are not called. `listed_in`: the list of a LIST.
    """

    check: NumberCheck
    max_age: timedelta
    refuse: tuple[str, ...] = ()
    no_data: NoData = NoData.REFUSE
    listed_in: str = ""

    @property
    def rule(self) -> str:
        """What it is called among the rules of a decision."""
        name = f"{self.check}.{self.listed_in}" if self.listed_in else self.check.value
        return f"clearance.{name}"


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What was answered at `at`. `parameter`: the date that was asked about, as YYYYMMDD."""

    check: NumberCheck
    parameter: str
    at: datetime
    value: str
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class NumberFile:
    """What an agent demands to be known of a number, and what is."""

    requirements: tuple[Requirement, ...]
    answers: tuple[CheckAnswer, ...] = ()
