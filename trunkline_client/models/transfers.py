"""What is said and answered of `transfers`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Any, Literal

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import Hours

MissReason = Literal[
    "closed",
    "busy",
    "no_answer",
    "failed",
    "not_accepted",
    "hung_up",
    "no_such_target",
    "spend_limit",
    "paused",
    "not_taken_up",
    "unknown",
]

TransferSource = Literal["pathway", "agent"]

TransferState = Literal["asked", "dialing", "connected", "completed", "missed"]


class AbandonmentStandingView(Answer):
    """Of the callees of one country, by its limit; "": nobody knows which country."""

    country: str
    answered: int
    abandoned: int
    share: float
    limit: float
    within_days: int
    most_in_flight: int
    is_called: bool


class AbandonmentView(Answer):
    """How near a campaign is to the limits of abandoned calls, and what it is held to."""

    is_watched: bool
    most_in_flight: int | None
    is_slowed: bool
    detail: str | None
    standings: list[AbandonmentStandingView]


class TransferFigures(Answer):
    """Transfers that were asked for since then."""

    since: datetime
    campaign_id: str | None
    asked: int
    connected: int
    prompt: int
    missed: int
    connected_share: float | None
    unasked: int
    abandoned: int
    abandoned_share: float | None


class TransferView(Answer):
    """One callee put through, or not: `reason`, and `detail` in words, say why nobody was
    reached.
    """

    transfer_id: str
    call_id: str
    campaign_id: str | None
    attempt: int
    target: str
    source: TransferSource | str
    state: TransferState | str
    reason: MissReason | str | None
    detail: str | None
    warm: bool
    was_asked: bool
    abandoned: bool | None
    asked_time: datetime
    waiting_since: datetime | None
    connected_time: datetime | None
    ended_time: datetime | None
    waited_seconds: float | None
    duration_seconds: int | None
    cost: int | None
    opens_at: datetime | None = None


class TransferList(Answer):
    transfers: list[TransferView]


class TransferRequest(Said):
    """To whom an AI agent has its callee put through."""

    target: str
    whisper: str | None = None


class TransferTargetView(Answer):
    """A target. `opensAt`: when somebody is there next, now if somebody is; null: never."""

    target_id: str
    name: str
    endpoint: str
    timezone: str
    hours: dict[str, Any] | None
    ring_seconds: int
    whisper: str | None
    needs_key: bool
    warm: bool
    introduction: str | None
    hold_text: str | None
    hold_music: str | None
    is_open: bool
    opens_at: datetime | None
    created_time: datetime
    updated_time: datetime


class TransferTargetList(Answer):
    """`total` counts all of the account."""

    targets: list[TransferTargetView]
    total: int


class TransferTargetPatch(Said):
    """The fields to change; the others stay."""

    name: str = "target"
    endpoint: str = ""
    timezone: str = "UTC"
    hours: dict[str, list[Hours]] | None = None
    ring_seconds: int = 20
    whisper: str | None = None
    needs_key: bool = False
    warm: bool = False
    introduction: str | None = None
    hold_text: str | None = None
    hold_music: str | None = None


class TransferTargetRequest(Said):
    """Somebody to whom callees may be put through."""

    name: str
    endpoint: str
    timezone: str = "UTC"
    hours: dict[str, list[Hours]] | None = None
    ring_seconds: int = 20
    whisper: str | None = None
    needs_key: bool = False
    warm: bool = False
    introduction: str | None = None
    hold_text: str | None = None
    hold_music: str | None = None
