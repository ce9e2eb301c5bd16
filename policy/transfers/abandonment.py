"""Abandoned calls: somebody answers, and within two seconds nobody is there.

A callee who is put through without having pressed or said anything was called for that one talk.
If no person is on the line in time, the call was abandoned, whatever is played instead. Who asked
to be put through, or was spoken to by an AI, was not.

Sources: 47 CFR 64.1200(a)(7) and 16 CFR 310.4(b)(4) (at most 3 % of a campaign's answered calls
within 30 days); Ofcom, Persistent Misuse, 20 December 2016 (3 % in 24 hours); CRTC, Unsolicited
Telecommunications Rules, Part VI (5 % within a calendar month, kept here over 30 days).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.transfers.targets import MissReason

#: How soon somebody has to be there.
PROMPT = timedelta(seconds=2)
MONTH, DAY = timedelta(days=30), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `per_mille` of those who answered within `over`."""

    per_mille: int
    over: timedelta


#: By country. Where none is known the strictest of those over a month holds.
LIMITS = {"US": Limit(30, MONTH), "GB": Limit(30, DAY), "CA": Limit(50, MONTH)}
DEFAULT = Limit(30, MONTH)


def limit_of(country: str) -> Limit:
    """A country's limit; "": nobody knows which."""
    return LIMITS.get(country, DEFAULT)


def is_abandoned(
    *,
    was_asked: bool,
    waiting_since: datetime,
    connected_at: datetime | None,
    ended_at: datetime,
    reason: MissReason | None,
) -> bool:
    """Whether a transfer that has ended, or was connected, left the callee without anybody.

    Who hangs up within the two seconds has not waited them.
    """
    if was_asked:
        return False
    if connected_at is not None:
        return connected_at - waiting_since > PROMPT
    return reason is not MissReason.HUNG_UP or ended_at - waiting_since > PROMPT


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a campaign in one country: who answered within the limit's time, who was abandoned."""

    country: str
    answered: int
    abandoned: int

    @property
    def limit(self) -> Limit:
        return limit_of(self.country)

    @property
    def share(self) -> float:
        return self.abandoned / self.answered if self.answered else 0.0

    @property
    def most_in_flight(self) -> int:
        """How many calls may be under way: if every one of them were abandoned, the limit holds.

        One is always allowed at the beginning, for without it nobody would ever have answered. With
        more than one abandoned beyond the limit none is, until the time passes.
        """
        allowed = self.limit.per_mille * self.answered - 1000 * self.abandoned
        if self.abandoned > 1 and allowed < 0:
            return 0
        return max(1, allowed // (1000 - self.limit.per_mille))


#: In the time that counts nobody has been put through yet.
BEGINNING = Standing("", 0, 0)


def in_reach(standings: Iterable[Standing], called: Collection[str]) -> list[Standing]:
    """Of the countries that are called now. One in which nobody has answered is at its beginning.

    Where no call is near, all count of which anything is known.
    """
    known = {one.country: one for one in standings}
    reached = [known.get(country, Standing(country, 0, 0)) for country in sorted(called)]
    return reached or list(known.values()) or [BEGINNING]


def tightest(standings: Iterable[Standing], called: Collection[str]) -> Standing:
    """The one that leaves the least room, of those `in_reach`."""
    return min(in_reach(standings, called), key=lambda one: (one.most_in_flight, -one.share))


def told(standing: Standing) -> str:
    """Why a campaign is slowed, in a sentence; without a full stop."""
    where = f" in {standing.country}" if standing.country else ""
    if not standing.answered:
        return (
            f"nobody{where} has been put through in the time that counts, so calls are made "
            "one by one"
        )
    days = standing.limit.over // DAY
    within = "a day" if days == 1 else f"{days} days"
    return (
        f"{standing.abandoned} of {standing.answered} people who answered{where} within {within} "
        f"reached nobody in 2 seconds, and at most {standing.limit.per_mille / 10:g} % may"
    )
