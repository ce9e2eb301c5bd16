"""What is on file about the person at an endpoint: do-not-call entries, consents, past dials."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from policy.model.purposes import ConsentTier, Purpose


class ScopeKind(StrEnum):
    ALL = "all"
    AGENT = "agent"
    CAMPAIGN = "campaign"
    PURPOSE = "purpose"


@dataclass(frozen=True, slots=True)
class CallScope:
    """What a scope is held against: whose call it is and what for."""

    agent_id: str = ""
    campaign_id: str | None = None
    purpose: Purpose | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls an entry is about; `of` names the agent, the campaign or the purpose."""

    kind: ScopeKind = ScopeKind.ALL
    of: str = ""

    def forbids(self, call: CallScope) -> bool:
        """As a do-not-call entry: a call without a purpose might be of the one that is refused."""
        if self.kind is ScopeKind.PURPOSE and call.purpose is None:
            return True
        return self.allows(call)

    def allows(self, call: CallScope) -> bool:
        """As a consent: a call without a purpose is not of the one that was agreed to."""
        named = {
            ScopeKind.ALL: self.of,
            ScopeKind.AGENT: call.agent_id,
            ScopeKind.CAMPAIGN: call.campaign_id,
            ScopeKind.PURPOSE: call.purpose,
        }
        return named[self.kind] == self.of


@dataclass(frozen=True, slots=True)
class Suppression:
    """A do-not-call entry. `source`: who or what put it there."""

    suppression_id: str
    scope: Scope
    source: str
    expires_at: datetime | None = None
    #: It is of the person, whatever other numbers they have.
    of_person: bool = False

    def holds(self, call: CallScope, now: datetime) -> bool:
        alive = self.expires_at is None or now < self.expires_at
        return alive and self.scope.forbids(call)


@dataclass(frozen=True, slots=True)
class Consent:
    """An agreement to be called. `consent_id` is "call" for what the call's request says."""

    consent_id: str
    tier: ConsentTier
    scope: Scope
    granted_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def holds(self, call: CallScope, now: datetime) -> bool:
        alive = self.expires_at is None or now < self.expires_at
        begun = self.granted_at <= now and self.revoked_at is None
        return alive and begun and self.scope.allows(call)


@dataclass(frozen=True, slots=True)
class Scrub:
    """A do-not-call registry as the account has it: how old, and does it list this number?"""

    registry: str
    at: datetime
    lists: bool


@dataclass(frozen=True, slots=True)
class PastDial:
    """A dial to this endpoint by anybody of the account; `talked` if a person answered."""

    call_id: str
    number: int
    at: datetime
    talked: bool = False
    subject: str | None = None
    #: The leg may be up.
    is_live: bool = False


class Returned(StrEnum):
    """What becomes of a call whose recipient has called us meanwhile."""

    COMPLETE = "complete"
    PAUSE = "pause"
    KEEP = "keep"


class Review(StrEnum):
    """What became of a text that may be an opt-out."""

    PENDING = "pending"
    OPTED_OUT = "opted_out"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Person:
    """All of it. Never leaves the process."""

    suppressions: tuple[Suppression, ...] = ()
    consents: tuple[Consent, ...] = ()
    scrubs: tuple[Scrub, ...] = ()
    dials: tuple[PastDial, ...] = ()
    #: Ids of texts of theirs that may be an opt-out; nobody dials them before a person has read it.
    reviews: tuple[str, ...] = ()
    #: Calls that have a leg up at this moment to this person by another of their numbers.
    on_line: tuple[str, ...] = ()


NOBODY = Person()


def together(people: Sequence[Person], call_id: str) -> tuple[Person, ...]:
    """The same person at several numbers: what is of the person is of each of them.

    That is how often they were called, what they wrote, that they do not want to be called at all,
    and who else has them on the line. What is said of one number stays that number's.
    """
    dials = tuple(dict.fromkeys(dial for one in people for dial in one.dials))
    lines = [dial.call_id for dial in dials if dial.is_live]
    lines += [other for one in people for other in one.on_line]
    of_person = [entry for one in people for entry in one.suppressions if entry.of_person]
    return tuple(
        replace(
            one,
            suppressions=tuple(dict.fromkeys((*one.suppressions, *of_person))),
            dials=dials,
            reviews=tuple(dict.fromkeys(text for each in people for text in each.reviews)),
            on_line=tuple(dict.fromkeys(line for line in lines if line != call_id)),
        )
        for one in people
    )


def best_consent(consents: Iterable[Consent], call: CallScope, now: datetime) -> Consent | None:
    """The consent that goes furthest among those that hold, the newest of equals."""
    holding = [one for one in consents if one.holds(call, now)]
    return max(holding, key=_reach, default=None)


def _reach(consent: Consent) -> tuple[bool, datetime]:
    return consent.tier is ConsentTier.WRITTEN, consent.granted_at
