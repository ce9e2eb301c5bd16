"""The windows of a call, by whose they are, and the next instant that suits them all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policy.calls.retry import RetrySlot, next_attempt
from policy.calls.retry_placement import place_retry
from policy.compliance.compliance import Clearance
from policy.facts import Facts
from policy.model.call import WeeklyWindow
from policy.model.reasons import Reason
from policy.time.wall_time import utc
from policy.time.windows import HORIZON, Window, ZonedWindow, next_opening

#: A window ends this much early, besides the ring timeout, for what is slow on the way.
MARGIN = timedelta(seconds=60)
#: The least time a permission to dial is worth giving for.
LEAST_VALIDITY = timedelta(seconds=1)

_FIRST = "First attempt"


@dataclass(frozen=True, slots=True)
class CallTimes:
    """All that times a call: windows by the reason they give, and what its ringing needs.

    `zones` has the recipient's clocks first, or the agent's if nobody knows the recipient's.
    """

    groups: tuple[tuple[Reason, tuple[Window, ...]], ...]
    zones: tuple[str, ...]
    ring_time: timedelta

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(window for _, group in self.groups for window in group)

    @property
    def min_length(self) -> timedelta:
        """How long an opening must last to be of use."""
        return self.ring_time + LEAST_VALIDITY

    def closed_at(self, instant: datetime) -> Reason | None:
        """The first group that is closed at `instant`, or about to close; None if each is open."""
        for reason, group in self.groups:
            if not self._open(group, instant):
                return reason
        return None

    def _open(self, group: Sequence[Window], instant: datetime) -> bool:
        end = instant + self.min_length
        return next_opening(group, instant, end, self.min_length) is not None

    def place(self, slot: RetrySlot, deadline: datetime | None) -> datetime | None:
        """See `policy.calls.retry_placement.place_retry`."""
        return place_retry(slot, self.windows, self.zones, deadline, self.min_length)

    def valid_until(self, instant: datetime, deadline: datetime | None) -> datetime:
        """Until when a call placed at `instant` may still be sent, so that it rings in time."""
        opening = next_opening(self.windows, instant, instant + HORIZON, self.min_length)
        end = (opening.end if opening else instant + self.ring_time) - self.ring_time
        return end if deadline is None else min(end, deadline)


def call_times_of(facts: Facts, clearance: Clearance) -> CallTimes:
    """Legal hours and call window on all the recipient's clocks, business hours on the agent's."""
    business, wanted = facts.business_hours, facts.call_window
    own = facts.number_hours
    return CallTimes(
        groups=(
            (Reason.CALLING_HOURS, clearance.windows),
            (Reason.BLACKOUT, clearance.blackouts),
            (
                Reason.BUSINESS_HOURS,
                () if business is None else (ZonedWindow(business, facts.agent_zone),),
            ),
            (
                Reason.CALL_WINDOW,
                tuple(ZonedWindow(wanted, name) for name in clearance.zones) if wanted else (),
            ),
            (
                Reason.NUMBER_HOURS,
                tuple(ZonedWindow(own, name) for name in clearance.zones) if own else (),
            ),
        ),
        zones=clearance.zones or (facts.agent_zone,),
        ring_time=timedelta(seconds=facts.ring_timeout) + MARGIN,
    )


def start_slot(facts: Facts, clearance: Clearance, now: datetime) -> RetrySlot:
    """The next attempt by plan, caps, `not_before` and the clock, before any window is asked."""
    retry = next_attempt(facts)
    slot = retry or RetrySlot(utc(now), None, Reason.FIRST_ATTEMPT, _FIRST)
    bounds = [utc(now), slot.earliest]
    if facts.not_before is not None:
        bounds.append(utc(facts.not_before))
    if clearance.capped is not None:
        bounds.append(clearance.capped.until)
    return replace(slot, earliest=max(bounds), wanted=_wanted(facts, retry))


def _wanted(facts: Facts, retry: RetrySlot | None) -> WeeklyWindow | None:
    """Short delays are somebody's deliberate haste, and a promise is the person's own choice."""
    is_free = retry is None or retry.avoid_daypart is not None
    return wanted_times(facts) if is_free else None


def wanted_times(facts: Facts) -> WeeklyWindow | None:
    """The agent's best times; None: it has none, or the caller has said when the call begins."""
    is_said = facts.not_before is not None and facts.campaign_id is None
    return None if facts.best_times is None or is_said else facts.best_times.window
