"""/dashboard/campaigns/{campaign_id}/redial: a new draft with those whose calls ended so."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.campaigns import routes as rest
from api.campaigns import service
from api.campaigns.routes import Reader, Writer
from api.campaigns.schemas import RedialRequest
from api.http.deps import Services, Uses
from api.http.problems import Problem, invalid
from dashboard.campaigns.campaign_form import said_at
from dashboard.campaigns.campaign_words import WORTH_ANOTHER_CALL, next_round
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from policy.model.call import Outcome
from storage.campaigns import contact_list
from storage.tables import Account

router = APIRouter(prefix="/campaigns/{campaign_id}/redial", route_class=SignedIn)
_LONGEST_NAME = 200


@router.get("")
async def choose_outcomes(
    campaign_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    outcome: Annotated[list[str] | None, Query(max_length=20)] = None,
    chosen: str = "",
) -> Response:
    """How many there are of each outcome, and how many are chosen."""
    wanted = _outcomes(outcome or []) if chosen else None
    return await _page(request, uses, account, campaign_id, wanted)


@router.post("")
async def make_draft(
    campaign_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    outcome: Annotated[list[str] | None, Form(max_length=20)] = None,
    name: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """A draft, to be looked at and started."""
    wanted = _outcomes(outcome or [])
    try:
        if not wanted:
            raise invalid("required", "outcomes", "Choose how the calls ended.")
        if len(name) > _LONGEST_NAME:
            raise invalid("too_long", "name", "At most 200 characters.")
        body = RedialRequest(outcomes=wanted, name=name.strip() or None)
        made = await rest.redial_campaign(campaign_id, body, account, uses)
    except Problem as problem:
        if problem.status != 422:
            raise
        errors = said_at(problem)
        return await _page(request, uses, account, campaign_id, wanted, name, errors)
    return await back(request, f"/dashboard/campaigns/{made.campaign_id}", "redial")


def _outcomes(said: list[str]) -> list[Outcome]:
    if set(said) - set(Outcome):
        raise invalid("unknown_value", "outcome", "There is no such outcome.")
    return [Outcome(one) for one in said]


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    campaign_id: str,
    wanted: list[Outcome] | None,
    name: str | None = None,
    errors: FormErrors | None = None,
) -> Response:
    campaign = await service.look(uses, account.account_id, campaign_id)
    async with uses.db.browse() as session:
        ended = await contact_list.ended(session, campaign_id)
    chosen = _usual(ended) if wanted is None else wanted
    return await page(
        request,
        "campaigns/redial.html",
        422 if errors else 200,
        campaign=campaign,
        ended=sorted(ended.items(), key=lambda one: -one[1]),
        chosen=chosen,
        count=sum(ended.get(one, 0) for one in chosen),
        name=next_round(campaign.name) if name is None else name,
        errors=errors or FormErrors(),
    )


def _usual(ended: Mapping[Outcome, int]) -> list[Outcome]:
    return [one for one in WORTH_ANOTHER_CALL if one in ended]
