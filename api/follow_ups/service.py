"""Steps of a campaign: set while it is a draft, looked at at any time."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.submission import require_pathway
from api.campaigns.lookup import agent_of, found, held
from api.follow_ups.schemas import StepRequest, StepsRequest
from api.follow_ups.views import StepCount, StepsView, TextCount
from api.http.deps import Services
from api.http.problems import Problem, conflict, invalid, not_found
from api.http.schema import JsonObject
from policy.campaigns.steps import BadSteps, check
from policy.model.call import CampaignStatus
from storage.follow_ups import follow_ups, texts
from storage.follow_ups.step_specs import steps_of
from storage.tables import Campaign

#: Which field each kind needs.
_NEEDS = {"text": ("text", "consent"), "wait": ("wait",)}
_OF_CALLS = ("agent_id", "pathway_id")
_ONLY_OF = {"text": "text", "consent": "text", "wait": "wait"}


async def look(uses: Services, account_id: str, campaign_id: str) -> StepsView:
    """The steps and where everybody stands; raises a 404 Problem for a campaign without."""
    async with uses.db.read() as session:
        return await _view(session, await found(session, account_id, campaign_id))


async def replace(
    uses: Services, account_id: str, campaign_id: str, body: StepsRequest
) -> StepsView:
    """Sets the steps of a draft; a Problem names the step that is wrong."""
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        _require_draft(campaign)
        for name, step in body.steps.items():
            await _examine(session, campaign, step, f"steps.{name}")
        spec = body.as_spec()
        _check(spec)
        campaign.steps_spec, campaign.updated_time = spec, uses.now()
        session.add(campaign)
        await session.flush()
        return await _view(session, campaign)


async def remove(uses: Services, account_id: str, campaign_id: str) -> None:
    """Nothing follows the calls of a draft without steps."""
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        _require_draft(campaign)
        campaign.steps_spec, campaign.updated_time = None, uses.now()
        session.add(campaign)


def _require_draft(campaign: Campaign) -> None:
    if campaign.status is not CampaignStatus.DRAFT:
        raise conflict("not_a_draft", "A campaign that was started keeps its steps.")


async def _examine(
    session: AsyncSession, campaign: Campaign, step: StepRequest, field: str
) -> None:
    for name in _NEEDS.get(step.kind, ()):
        if getattr(step, name) is None:
            raise invalid("required", f"{field}.{name}", f"A {step.kind} needs it.")
    for name, kind in _ONLY_OF.items():
        if getattr(step, name) is not None and step.kind != kind:
            raise invalid("unknown_field", f"{field}.{name}", f"A {step.kind} has none.")
    if step.kind != "call" and any(getattr(step, name) for name in _OF_CALLS):
        raise invalid("unknown_field", f"{field}.agentId", f"A {step.kind} has none.")
    try:
        if step.agent_id is not None:
            await agent_of(session, campaign.account_id, step.agent_id)
        if step.pathway_id is not None:
            await require_pathway(session, campaign.account_id, step.pathway_id)
    except Problem as problem:
        one = problem.errors[0]
        raise invalid(one.code, f"{field}.{one.field}", one.message) from None


def _check(spec: JsonObject) -> None:
    try:
        check(steps_of(spec))
    except BadSteps as wrong:
        field = f"steps.{wrong.step}.{wrong.field}" if wrong.step else wrong.field
        raise invalid("bad_steps", field, str(wrong)) from None


async def _view(session: AsyncSession, campaign: Campaign) -> StepsView:
    spec = campaign.steps_spec
    if spec is None:
        raise not_found("steps")
    stand = await follow_ups.counts(session, campaign.campaign_id)
    sent = await texts.counts(session, campaign.campaign_id)
    return StepsView(
        next=spec.get("next") or {},
        steps=spec["steps"],
        contacts=[
            StepCount(step=step, state=state, contacts=number)
            for (step, state), number in sorted(stand.items())
        ],
        texts=[
            TextCount(step=step, state=state, texts=number)
            for (step, state), number in sorted(sent.items())
        ],
    )
