"""All that policy may look at when it decides about a call, gathered in one place."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from policy.model.acknowledgement import Acknowledgement
from policy.model.call import (
    AttemptResult,
    EndpointKind,
    Outcome,
    RetryPlan,
    VoicemailAction,
    WeeklyWindow,
)
from policy.model.last_word import LastWordFile
from policy.model.number_checks import NumberFile
from policy.model.person import NOBODY, CallScope, Consent, Person, Returned
from policy.model.purposes import Notice, Purpose, Sector, Voice
from policy.promises import Promise
from policy.reminders import Sibling
from policy.rules import STANDARD
from policy.rules.book import RuleBook
from policy.time.best_times import BestTimes
from policy.time.dayparts import DaypartRate

EVERY_NOTICE = frozenset(Notice)


@dataclass(frozen=True, slots=True)
class AttemptFact:
    """One settled dial: when it was sent, when its end was recorded, how it ended.

    `seconds`: how long the leg was up, as the carrier says; None: not known.
    """

    number: int
    dialed_at: datetime
    settled_at: datetime
    result: AttemptResult
    seconds: int | None = None
    #: To which of a person's several numbers, by its place among them.
    place: int = 0


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What is of one number alone, of a person who has several. The names are those of `Facts`."""

    endpoint: str
    endpoint_kind: EndpointKind
    recipient_zone: str | None = None
    recipient_country: str | None = None
    recipient_postal_code: str | None = None
    number_hours: WeeklyWindow | None = None
    stated_consent: Consent | None = None
    caller_ids: tuple[str, ...] = ()
    person: Person = NOBODY
    number_file: NumberFile | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Never leaves the process."""

    endpoint: str
    endpoint_kind: EndpointKind
    agent_enabled: bool
    agent_zone: str
    agent_id: str = ""
    campaign_id: str | None = None
    business_hours: WeeklyWindow | None = None
    call_window: WeeklyWindow | None = None
    recipient_zone: str | None = None
    recipient_country: str | None = None
    recipient_postal_code: str | None = None
    not_before: datetime | None = None
    deadline: datetime | None = None
    ring_timeout: int = 30
    retry: RetryPlan = field(default_factory=RetryPlan)
    voicemail_action: VoicemailAction = VoicemailAction.HANG_UP
    reported_outcome: Outcome | None = None
    cancel_requested: bool = False
    redial_unknown: bool = False
    #: Those of its agent's numbers that the carrier would refuse.
    barred_caller_ids: frozenset[str] = frozenset()
    #: Why the carrier takes no dials of the account at the moment; None: it does.
    dialing_paused: str | None = None
    #: Who hangs up within so many seconds of the answer has heard nothing; 0: nobody has.
    hung_up_early_seconds: int = 2
    attempts: tuple[AttemptFact, ...] = ()
    #: How well people answer by the time of day; gathered only where the plan asks for it.
    dayparts: tuple[DaypartRate, ...] = ()
    #: When the agent would rather call; None: whenever it may.
    best_times: BestTimes | None = None
    agent_deleted: bool = False
    #: None: not known, so the rules of every purpose hold.
    purpose: Purpose | None = None
    voice: Voice = Voice.ARTIFICIAL
    #: What the call is about, such as a debt: caps may be counted by it.
    subject: str | None = None
    recorded: bool = False
    #: What the agent and the pathway can say at the beginning of a call.
    can_say: frozenset[Notice] = EVERY_NOTICE
    #: The consent that the call's own request states.
    stated_consent: Consent | None = None
    person: Person = NOBODY
    #: The recipient has called us meanwhile, and this is what becomes of the call.
    returned: Returned | None = None
    #: Its campaign has what it was made for, and the call is not needed.
    goal_reached: bool = False
    #: The other reminders of the same appointment.
    siblings: tuple[Sibling, ...] = ()
    #: From which numbers it would be dialed; of a call that there is, its own.
    caller_ids: tuple[str, ...] = ()
    #: None: the account has not said, so the rules of every sector hold.
    sector: Sector | None = None
    acknowledgements: tuple[Acknowledgement, ...] = ()
    #: Ids and kinds of rules that the account does not want to be held to; each is on record.
    waived_rules: frozenset[str] = frozenset()
    #: What the agent demands to be known of the number; None: nothing.
    number_file: NumberFile | None = None
    #: The customer wants to be asked before each dial; None: not so.
    last_word: LastWordFile | None = None
    #: The recipient asked to be called at another time; None: not, or it was kept or missed.
    promise: Promise | None = None
    #: When this number may be called, besides all other windows; None: it says nothing itself.
    number_hours: WeeklyWindow | None = None
    #: All numbers of a person who has several, in their order; the call's own is one of them.
    numbers: tuple[NumberFacts, ...] = ()
    #: The place among them of the number that is looked at.
    place: int = 0
    book: RuleBook = STANDARD

    def at(self, place: int) -> "Facts":
        """The same call, to another one of the person's numbers."""
        number = self.numbers[place]
        own = {one.name: getattr(number, one.name) for one in fields(number)}
        return replace(self, place=place, **own)

    @property
    def at_each(self) -> tuple["Facts", ...]:
        """The same call to each of the person's numbers; mostly it is the one."""
        return tuple(map(self.at, range(len(self.numbers)))) or (self,)

    def with_people(self, change: Callable[[str, Person], Person]) -> "Facts":
        """With other records of the person, by number; for what-if questions."""
        numbers = tuple(
            replace(one, person=change(one.endpoint, one.person)) for one in self.numbers
        )
        return replace(self, person=change(self.endpoint, self.person), numbers=numbers)

    @property
    def caller_id_is_barred(self) -> bool:
        """The carrier would refuse whichever number it would be dialed from."""
        return bool(self.barred_caller_ids) and self.barred_caller_ids.issuperset(self.caller_ids)

    @property
    def scope(self) -> CallScope:
        return CallScope(self.agent_id, self.campaign_id, self.purpose)

    @property
    def consents(self) -> tuple[Consent, ...]:
        """Those on file and the stated one; taking consent back ends that one, too."""
        stated = self.stated_consent
        if stated is None:
            return self.person.consents
        revoked = [one.revoked_at for one in self.person.consents if one.revoked_at is not None]
        if revoked and max(revoked) >= stated.granted_at:
            return self.person.consents
        return (*self.person.consents, stated)
