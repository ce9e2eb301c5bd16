"""Whether a call that may be dialed has a slot, and if not, for whose limit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from policy.dispatch.dialing_pause import told
from policy.model.reasons import Reason


class Slot(StrEnum):
    """Whether an attempt may be dialed, and if not, why."""

    TAKEN = "taken"
    FULL = "full"
    #: Its campaign is paused or canceled.
    HELD = "held"
    #: The spend limit of the account or of the campaign is reached.
    BROKE = "broke"
    #: Its campaign has reached its goal, or that of the call's segment.
    NOT_NEEDED = "not_needed"
    #: The carrier refuses the account's requests.
    PAUSED = "paused"


_WHY: Mapping[Slot, tuple[Reason, str]] = {
    Slot.FULL: (Reason.NO_FREE_SLOT, "Waiting for a free slot"),
    Slot.HELD: (Reason.CAMPAIGN_PAUSED, "Its campaign is paused or canceled"),
    Slot.BROKE: (
        Reason.INSUFFICIENT_BALANCE,
        "The spend limit of the account or of the campaign is reached",
    ),
    Slot.NOT_NEEDED: (Reason.GOAL_REACHED, "Its campaign has reached its goal"),
    Slot.PAUSED: (Reason.DIALING_PAUSED, "Dialing is paused"),
}


@dataclass(frozen=True, slots=True)
class SlotVerdict:
    """What a call that asks for a slot is told: without one, why, in a code and in a sentence.

    `about` says it more exactly: the limits that are in its way, or what the pause is for.
    """

    slot: Slot
    about: str = ""

    @property
    def reason(self) -> Reason:
        return _WHY[self.slot][0]

    @property
    def detail(self) -> str:
        said = _WHY[self.slot][1]
        if not self.about:
            return said
        return told(self.about) if self.slot is Slot.PAUSED else f"{said}: {self.about}"


class Whose(StrEnum):
    ACCOUNT = "account"
    AGENT = "agent"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class SlotCap:
    """What an account, an agent or a campaign is held to, and what is used of it.

    None: no such limit. `live` slots are in use, `recent` ones were given within the last minute,
    and the money lasts for so many dials more. `slowed`: why it is held to fewer than it says
    itself.
    """

    whose: Whose
    name: str = ""
    live: int = 0
    recent: int = 0
    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    dials_left: int | None = None
    slowed: str = field(default="", kw_only=True)

    @property
    def room(self) -> int | None:
        """Slots that are free however fast they are given."""
        concurrent = None if self.max_concurrent is None else self.max_concurrent - self.live
        return _least(concurrent, self.dials_left)

    @property
    def paced(self) -> int | None:
        """Slots that may still be given in this minute."""
        return None if self.calls_per_minute is None else self.calls_per_minute - self.recent

    @property
    def free(self) -> int | None:
        return _least(self.room, self.paced)


#: What is in the way of a call for which a slot is free, and whose turn has come.
NOTHING = "one is free for it"


def limits(caps: Iterable[SlotCap], free: int, *, named: bool) -> str:
    """Whose limits leave a call without a slot, and their figures; "" if nothing can be said.

    Where none is reached, `free` slots are left, and others have them. Names are for the account's
    own people; without them it is "its agent".
    """
    reached = [words for cap in caps for words in _reached(cap, named)]
    if reached:
        return ", and ".join(reached)
    if free <= 0:
        return ""
    left = "the one slot that is free" if free == 1 else f"the {free} slots that are free"
    return f"those before it in line have {left}"


def _reached(cap: SlotCap, named: bool) -> Iterator[str]:
    who = _who(cap, named)
    if cap.max_concurrent is not None and cap.live >= cap.max_concurrent:
        why = f" ({cap.slowed})" if cap.slowed else ""
        yield f"{who} has {cap.live} of {cap.max_concurrent} calls at once{why}"
    if cap.calls_per_minute is not None and cap.recent >= cap.calls_per_minute:
        pace = "1 call" if cap.calls_per_minute == 1 else f"{cap.calls_per_minute} calls"
        yield f"{who}'s pace of {pace} a minute is used up ({cap.recent} in the last minute)"


def _who(cap: SlotCap, named: bool) -> str:
    if cap.whose is Whose.ACCOUNT:
        return "the account"
    return f"{cap.whose} {cap.name}" if named and cap.name else f"its {cap.whose}"


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
