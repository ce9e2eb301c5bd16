"""What crosses the wire about a campaign. Ids, times and reasons only."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class CampaignStart:
    """Input of CampaignWorkflow; each round starts a page of calls in a history of its own.

    `started`: the calls of the round before, which may not have decided anything yet.
    """

    campaign_id: str
    round: int = 0
    pause_seconds: float = 0
    started: list[str] = field(default_factory=list)


class FeedKind(StrEnum):
    #: Look again after `pause_seconds`, or when nudged.
    GO_ON = "go_on"
    #: Paused: look again only when nudged (or after a long while).
    HOLD = "hold"
    #: Canceled: its open calls are to be told, page by page.
    CANCEL = "cancel"
    #: Completed or canceled, and nothing is open any more.
    DONE = "done"


@dataclass(frozen=True)
class CallToStart:
    call_id: str
    agent_id: str
    priority: int
    deadline: datetime | None = None


@dataclass(frozen=True)
class Feed:
    """What a campaign does next: the calls to start now, and when to look again.

    `undecided`: calls it has started already, of which nothing has been heard yet.
    """

    kind: FeedKind
    detail: str
    pause_seconds: float
    calls: list[CallToStart] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FeedCampaign:
    """`started` calls are not handed out again right away."""

    campaign_id: str
    now: datetime
    started: list[str] = field(default_factory=list)
