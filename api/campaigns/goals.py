"""A campaign's goal: what may be said of it, what is kept, and how far it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.schemas import Instant
from api.http.problems import conflict, invalid
from api.http.schema import JsonObject, Request, View, WholeNumber
from api.http.values import instant
from policy.campaigns.goals import WHOLE, Goal, closed_of, goal_of
from policy.model.call import CampaignStatus, Outcome
from policy.transfers.targets import TARGET_NAME
from storage import goals
from storage.campaigns import goal_checks
from storage.database.locks import lock_account
from storage.tables import Campaign

GOAL: JsonObject = {
    "outcomes": ["confirmed"],
    "transferredTo": ["sales"],
    "target": 200,
    "quotas": {"variable": "region", "targets": {"north": 100, "south": 100}},
    "spend": 250_000_000,
    "until": "2027-03-05T17:00:00-05:00",
}
#: As the database names a variable in a JSON path.
_VARIABLE = r"^[A-Za-z0-9_ .:-]+$"
_Count = Annotated[WholeNumber, Field(ge=1, le=10_000_000)]
#: A target's name, or all of them.
TransferredTo = Annotated[
    list[Annotated[str, StringConstraints(max_length=50, pattern=rf"^(\*|{TARGET_NAME})$")]],
    Field(
        max_length=20,
        description="Calls whose callee was put through to one of these transfer targets count, "
        "too; `*`: to any.",
    ),
]
_Segment = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class GoalQuotas(Request):
    """So many for each value of a contact's variable; whoever has another value is not called."""

    variable: Annotated[str, StringConstraints(max_length=100, pattern=_VARIABLE)]
    targets: dict[_Segment, _Count] = Field(min_length=1, max_length=100)


class GoalRequest(Request):
    """What the campaign is made for. It ends when the first of these is reached."""

    outcomes: list[Outcome] = Field(
        default_factory=list, max_length=20, description="What a call has to end as, to count."
    )
    transferred_to: TransferredTo = Field(default_factory=list)
    target: _Count | None = Field(default=None, description="So many calls that end so.")
    quotas: GoalQuotas | None = None
    spend: WholeNumber | None = Field(
        default=None, ge=1, le=10**15, description="In millionths of the account's currency."
    )
    until: Instant | None = Field(default=None, description="Nobody is called any more from then.")


class GoalSegmentView(View):
    segment: str
    found: int
    target: int
    is_full: bool


class GoalProgressView(View):
    """`met` is null while it is open. `neverCalled`: people who never had to be called."""

    met: Literal["count", "spend", "date"] | None
    reached_at: datetime | None = Field(description="When it, or a part of it, was reached last.")
    found: int | None = Field(description="Calls that ended as asked; null: none are asked for.")
    target: int | None
    segments: list[GoalSegmentView]
    spent: int
    spend: int | None
    until: datetime | None
    never_called: int


def spec_of(said: GoalRequest | None, zone: str, now: datetime) -> JsonObject | None:
    """What is kept of it; raises a Problem that names the field."""
    if said is None:
        return None
    if said.target is None and said.quotas is None:
        if said.spend is None and said.until is None:
            raise invalid("required", "goal", "Say target, quotas, spend or until.")
    elif not (said.outcomes or said.transferred_to):
        message = "Say which outcomes, or which transfers, count towards it."
        raise invalid("required", "goal.outcomes", message)
    until = instant(said.until, zone, "earlier", "goal.until", now)
    if until is not None and until <= now:
        raise invalid("deadline_past", "goal.until", "The time is in the past.")
    spec: JsonObject = {
        "outcomes": sorted({one.value for one in said.outcomes}),
        "transferredTo": sorted(set(said.transferred_to)),
        "target": said.target,
        "variable": said.quotas.variable if said.quotas else None,
        "quotas": said.quotas.targets if said.quotas else None,
        "spend": said.spend,
        "until": until and until.isoformat(),
    }
    return {name: value for name, value in spec.items() if value}


def require_changeable(campaign: Campaign, spec: JsonObject | None) -> None:
    """Numbers may change while it runs; whom it counts may not, for some are counted already.

    What is reached stays reached: whoever was left of a full segment was let go.
    """
    if campaign.status is CampaignStatus.DRAFT:
        return
    closed = closed_of(campaign.goal_closed)
    if closed.met is not None:
        raise conflict("goal_reached", "The goal is reached already.")
    before, after = goal_of(campaign.goal_spec), goal_of(spec)
    if _segmented(before) != _segmented(after):
        detail = "A campaign that was started keeps the segments and the outcomes of its quotas."
        raise conflict("not_a_draft", detail)
    for segment in sorted(closed.full):
        if before and after and after.quotas.get(segment, 0) > before.quotas.get(segment, 0):
            raise conflict("goal_reached", f"The quota of {segment} is reached already.")


def _segmented(goal: Goal | None) -> tuple[object, ...]:
    if goal is None or not goal.quotas:
        return ()
    return (goal.variable, frozenset(goal.quotas), goal.outcomes, goal.transferred_to)


def require_open_goal(campaign: Campaign) -> None:
    """Refuse contacts of whom none would be called."""
    if closed_of(campaign.goal_closed).met is not None:
        raise conflict("goal_reached", "The campaign's goal is reached; it calls nobody any more.")


def for_a_copy(spec: JsonObject | None, now: datetime) -> JsonObject | None:
    """The goal of a new draft like another campaign, without a time that has passed."""
    goal = goal_of(spec)
    if spec is None or goal is None or goal.until is None or goal.until > now:
        return spec
    rest = {name: value for name, value in spec.items() if name != "until"}
    return rest if rest.keys() - {"outcomes", "transferredTo"} else None


async def keep(session: AsyncSession, campaign: Campaign) -> None:
    """Has the campaign's goal counted from now on; the caller holds the campaign."""
    await lock_account(session, campaign.account_id)
    await goals.keep_counters(session, campaign)


def goal_shown(campaign: Campaign) -> JsonObject | None:
    """The goal as it would be said."""
    spec = campaign.goal_spec
    if spec is None:
        return None
    said = {name: value for name, value in spec.items() if name not in ("variable", "quotas")}
    if spec.get("quotas"):
        said["quotas"] = {"variable": spec["variable"], "targets": spec["quotas"]}
    return said


async def progress_of(
    session: AsyncSession, campaign: Campaign, spent: int
) -> GoalProgressView | None:
    """How far it is; None: it has no goal."""
    goal = goal_of(campaign.goal_spec)
    if goal is None:
        return None
    counted = (await goals.found(session, [campaign.campaign_id])).get(campaign.campaign_id, {})
    closed = closed_of(campaign.goal_closed)
    met = closed.met
    any_closed = campaign.goal_closed is not None
    return GoalProgressView(
        met=met and met.value,
        reached_at=(campaign.goal_closed or {}).get("at"),
        found=_whole(goal, counted),
        target=goal.target,
        segments=[
            GoalSegmentView(
                segment=segment,
                found=counted.get(segment, 0),
                target=target,
                is_full=counted.get(segment, 0) >= target,
            )
            for segment, target in goal.quotas.items()
        ],
        spent=spent,
        spend=goal.spend,
        until=goal.until,
        never_called=await goal_checks.never_called(session, campaign.campaign_id)
        if any_closed
        else 0,
    )


def _whole(goal: Goal, counted: Mapping[str, int]) -> int | None:
    if not goal.targets:
        return None
    return counted.get(WHOLE, sum(counted.values()))
