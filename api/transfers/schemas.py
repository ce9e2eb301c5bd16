"""What may be said of transfers and their targets, and how they are shown."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from api.accounts.agent_schemas import Hours
from api.http.schema import (
    NOT_BLANK,
    Day,
    EndpointText,
    JsonObject,
    Request,
    View,
    WholeNumber,
    YesNo,
    Zone,
    well_formed,
)
from policy.transfers.targets import TARGET_NAME, MissReason, TransferSource, TransferState

TargetName = Annotated[
    str,
    StringConstraints(pattern=f"^{TARGET_NAME}$"),
    Field(description="As pathways name it: small letters, digits, - and _.", examples=["sales"]),
]
Whisper = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NOT_BLANK)]
Spoken = Annotated[Whisper, AfterValidator(well_formed)]
Sound = Annotated[str, StringConstraints(max_length=500, pattern=r"^https://[^\s/]+/\S+$")]
_TARGET: JsonObject = {
    "name": "sales",
    "endpoint": "+12025550140",
    "timezone": "America/New_York",
    "hours": {"mon": [{"start": "09:00", "end": "17:00"}]},
    "ringSeconds": 20,
    "whisper": "A call from the spring campaign, about {{product}}.",
    "needsKey": True,
    "warm": True,
    "introduction": "Connecting you with the sales desk.",
    "holdText": "One moment, we are asking a colleague.",
    "holdMusic": "https://cdn.example.com/hold.mp3",
}


class TransferTargetRequest(Request):
    """Somebody to whom callees may be put through."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TARGET]})

    name: TargetName
    endpoint: EndpointText
    timezone: Zone = "UTC"
    hours: dict[Day, list[Hours]] | None = Field(
        default=None, description="When somebody is there. Absent: always. A day left out: closed."
    )
    ring_seconds: WholeNumber = Field(
        default=20, ge=5, le=60, description="For how long the callee waits for an answer."
    )
    whisper: Spoken | None = Field(
        default=None,
        description="Said to whoever answers, before the callee is there; may use the call's "
        "context, as `{{name}}`.",
    )
    needs_key: YesNo = Field(
        default=False,
        description="Whoever answers takes the call by pressing 1, so that no mailbox does. A warm "
        "target always needs it.",
    )
    warm: YesNo = Field(
        default=False,
        description="The script, or the AI agent, stays with the callee until somebody has taken "
        "the call. We dial the target's leg.",
    )
    introduction: Spoken | None = Field(
        default=None,
        description="Of a warm target: said to both as they come together. May use the context.",
    )
    hold_text: Spoken | None = Field(
        default=None,
        description="Of a warm target: what a callee who waits hears. May use the context.",
    )
    hold_music: Sound | None = Field(
        default=None,
        description="Of a warm target: the https address of an MP3 or WAV that is played to a "
        "callee who waits.",
    )


class TransferTargetPatch(TransferTargetRequest):
    """The fields to change; the others stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ringSeconds": 30}]})

    name: TargetName = "target"
    endpoint: EndpointText = ""


_SHOWN_TARGET: JsonObject = {
    **_TARGET,
    "targetId": "7d6a1f0e-0d6b-4a5c-8f5e-2c9a4f8f2a10",
    "isOpen": True,
    "opensAt": "2027-03-01T14:00:00Z",
    "createdTime": "2027-02-27T20:11:09Z",
    "updatedTime": "2027-02-27T20:11:09Z",
}


class TransferTargetView(View):
    """A target. `opensAt`: when somebody is there next, now if somebody is; null: never."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN_TARGET]})

    target_id: str
    name: str
    endpoint: str
    timezone: str
    hours: JsonObject | None
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


class TransferTargetList(View):
    """`total` counts all of the account."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"targets": [_SHOWN_TARGET], "total": 1}]}
    )

    targets: list[TransferTargetView]
    total: int


class TransferRequest(Request):
    """To whom an AI agent has its callee put through."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"target": "sales", "whisper": "Wants the larger model, has a discount."}]
        }
    )

    target: TargetName
    whisper: Whisper | None = Field(
        default=None,
        description="Said to whoever answers, after the target's own words. Kept like what is said "
        "of a call, and erased with the person.",
    )


_TRANSFER: JsonObject = {
    "transferId": "5b0c1f9e-8d11-4c0e-9a53-0f6f0c2a7e10",
    "callId": "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
    "campaignId": None,
    "attempt": 1,
    "target": "sales",
    "source": "pathway",
    "state": "completed",
    "reason": None,
    "detail": None,
    "warm": True,
    "wasAsked": True,
    "abandoned": None,
    "askedTime": "2027-03-01T14:00:40Z",
    "waitingSince": "2027-03-01T14:00:40Z",
    "connectedTime": "2027-03-01T14:00:49Z",
    "endedTime": "2027-03-01T14:04:02Z",
    "waitedSeconds": 9.0,
    "durationSeconds": 196,
    "cost": 56000,
    "opensAt": None,
}


class TransferView(View):
    """One callee put through, or not: `reason`, and `detail` in words, say why nobody was reached.

    `wasAsked`: the callee had pressed or said something, or an AI agent asked. Of those who had
    not, `abandoned` says whether nobody was there within two seconds. `cost` is reckoned.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_TRANSFER]})

    transfer_id: str
    call_id: str
    campaign_id: str | None
    attempt: int
    target: str
    source: TransferSource
    state: TransferState
    reason: MissReason | None
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
    opens_at: datetime | None = Field(
        default=None, description="Of a target that is closed: when somebody is there next."
    )


class TransferList(View):
    model_config = ConfigDict(json_schema_extra={"examples": [{"transfers": [_TRANSFER]}]})

    transfers: list[TransferView]


class TransferFigures(View):
    """Transfers that were asked for since then.

    `connectedShare`: of those that are settled. `prompt`: connected within two seconds. `unasked`:
    callees who were put through without having pressed or said anything; `abandoned`: those of them
    who found nobody within two seconds, and their share.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "since": "2027-02-01T00:00:00Z",
                    "campaignId": None,
                    "asked": 120,
                    "connected": 96,
                    "prompt": 61,
                    "missed": 24,
                    "connectedShare": 0.8,
                    "unasked": 50,
                    "abandoned": 1,
                    "abandonedShare": 0.02,
                }
            ]
        }
    )

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


class AbandonmentStandingView(View):
    """Of the callees of one country, by its limit; "": nobody knows which country.

    `isCalled`: calls there are made, or may be at any moment, so its limit holds the campaign.
    """

    country: str
    answered: int
    abandoned: int
    share: float
    limit: float
    within_days: int
    most_in_flight: int
    is_called: bool


class AbandonmentView(View):
    """How near a campaign is to the limits of abandoned calls, and what it is held to.

    `isWatched`: its pathway, or one of a variant or a step, puts callees through who have not asked
    for it, so calls may be abandoned. `mostInFlight`: so many calls at once, and no more, cannot
    break a limit even if all of them were abandoned; null: it is not watched. `detail` says why it
    is slowed, if it is.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "isWatched": True,
                    "mostInFlight": 3,
                    "isSlowed": True,
                    "detail": "1 of 150 people who answered in US within 30 days reached nobody in "
                    "2 seconds, and at most 3 % may",
                    "standings": [
                        {
                            "country": "US",
                            "answered": 150,
                            "abandoned": 1,
                            "share": 0.0067,
                            "limit": 0.03,
                            "withinDays": 30,
                            "mostInFlight": 3,
                            "isCalled": True,
                        }
                    ],
                }
            ]
        }
    )

    is_watched: bool
    most_in_flight: int | None
    is_slowed: bool
    detail: str | None
    standings: list[AbandonmentStandingView]
