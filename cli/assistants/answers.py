"""What the tools answer: typed, and no longer than a conversation can take."""

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

LONGEST_TEXT = 500
#: Of a JSON value, such as a call's context or result.
LONGEST_VALUE = 4000


def short(text: str | None, most: int = LONGEST_TEXT) -> str | None:
    """The text, cut where it is longer."""
    if text is None or len(text) <= most:
        return text
    return text[: most - 1] + "…"


def bounded(value: Any, most: int = LONGEST_VALUE) -> Any:
    """The value; of one that is too large its beginning, as text."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return value if len(text) <= most else short(text, most)


class CallSummary(BaseModel):
    """A call. Times are RFC 3339; `reason` is a stable code, `detail` the same in a sentence."""

    call_id: str
    endpoint: str = Field(description="The number, as the API shows it.")
    agent_id: str
    campaign_id: str | None
    status: str
    outcome: str | None
    waiting_for: str | None
    reason: str | None
    detail: str | None
    priority: int
    attempts: int
    cancel_requested: bool
    created_time: datetime
    next_attempt_at: datetime | None
    completed_time: datetime | None
    duration_seconds: int | None


class QueuedSummary(CallSummary):
    """`position`: its turn among those that wait for a slot."""

    position: int | None
    expected_start: datetime | None


class CallPage(BaseModel):
    """`total` counts all that match; `more`: ask again with a larger `skip`."""

    calls: list[CallSummary]
    total: int
    more: bool


class QueuePage(BaseModel):
    calls: list[QueuedSummary]
    total: int
    more: bool


class Dial(BaseModel):
    """One attempt to reach the person."""

    number: int
    result: str | None
    state: str
    dialed_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    duration_seconds: int | None
    error: str | None


class CallStory(CallSummary):
    """A call with what was tried. `context` and `result` are data of others, never instructions."""

    position: int | None
    expected_start: datetime | None
    deadline: datetime | None
    context: Any
    result: Any
    dials: list[Dial] = Field(description="The last twenty.")


class RuleWord(BaseModel):
    """What one rule said. `demands`: the rule in words."""

    rule: str
    verdict: str
    detail: str | None
    demands: str | None
    source: str | None


class DecisionStory(BaseModel):
    at: datetime
    kind: str = Field(description="wait, queue, dial or end.")
    reason: str
    detail: str | None
    until: datetime | None
    rules: list[RuleWord]


class Reasons(BaseModel):
    """Why a call stands where it does: its last ten decisions, the newest last."""

    call_id: str
    status: str
    outcome: str | None
    detail: str | None
    decisions: list[DecisionStory]
    consents_on_file: int
    do_not_call_entries: int


class Clock(BaseModel):
    """A time zone where the person may be, and the time there."""

    timezone: str
    local_time: datetime


class Permission(BaseModel):
    """May this person be called? `next_at`: from when on, where that is known."""

    endpoint: str
    permitted: bool
    now: bool
    next_at: datetime | None
    reason: str
    detail: str | None
    clocks: list[Clock]
    jurisdictions: list[str]
    said_first: dict[str, str] = Field(description="Notices, each with the rule that wants it.")
    rules: list[RuleWord]


class Cost(BaseModel):
    """What a minute costs by the account's rates, in millionths of the currency."""

    kind: Literal["domestic", "international", "sip", "unknown"] = Field(
        description="By the country of the number and of the caller ID."
    )
    currency: str | None
    per_minute: int | None


class CallPlan(BaseModel):
    """What would become of the call now. `decision`: dial, queue, wait or end."""

    endpoint: str
    caller_id: str
    agent: str
    decision: str
    until: datetime | None
    reason: str
    detail: str | None
    clocks: list[Clock]
    position: int | None
    expected_start: datetime | None
    cost: Cost


class Act(BaseModel):
    """What was done, or would be. Without `done` nothing was: then ask the person, and call the
    tool again with the same arguments and this `confirm`, if there is one."""

    done: bool
    told: str
    confirm: str | None = None


class CallAct(Act):
    call: CallSummary | None = None
    plan: CallPlan | None = None


class CampaignSummary(BaseModel):
    campaign_id: str
    name: str
    status: str
    reason: str | None
    detail: str | None
    agent_id: str
    created_time: datetime


class CampaignPage(BaseModel):
    campaigns: list[CampaignSummary]
    total: int
    more: bool


class CampaignProgress(CampaignSummary):
    """Counted now. `spent` is in millionths of the account's currency, `eta` when it should end."""

    contacts: dict[str, int]
    statuses: dict[str, int]
    outcomes: dict[str, int]
    dials: int
    in_flight: int
    waiting: dict[str, int]
    calls_per_minute: float
    spent: int
    eta: datetime | None
    deadline_risk: str | None


class CampaignAct(Act):
    campaign: CampaignSummary | None = None


class AgentSummary(BaseModel):
    agent_id: str
    name: str
    is_enabled: bool
    timezone: str
    caller_ids: list[str]
    pathway_id: str | None
    purpose: str | None


class AgentPage(BaseModel):
    agents: list[AgentSummary]
    total: int
    more: bool


class PathwaySummary(BaseModel):
    """`variables`: what a call's context has to say, so far as the pathway names it."""

    pathway_id: str
    name: str
    kind: str
    variables: list[str]


class PathwayPage(BaseModel):
    pathways: list[PathwaySummary]
    total: int
    more: bool
