"""A draft made ready: its rows mended, a look ahead, a forecast, and the start."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.campaigns import contact_corrections, service
from api.campaigns.contact_corrections import Correction, correct
from api.campaigns.contact_upload import demands_on
from api.campaigns.lookup import found
from api.campaigns.preflight import look_ahead
from api.campaigns.routes import Reader, Writer
from api.campaigns.views import CampaignDetail
from api.forecast.schemas import ForecastChanges, ForecastRequest
from api.forecast.service import forecast
from api.http.deps import Services, Uses
from api.http.problems import Problem, invalid
from api.http.values import stated_country
from dashboard.agent_names import agent_names
from dashboard.campaigns import campaign_words
from dashboard.campaigns.campaign_form import form_of
from dashboard.campaigns.campaign_options import options_of
from dashboard.campaigns.charts import DAYS_AHEAD, first_hour, forecast_chart, hour_table
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import LARGEST
from dashboard.forms.sent_file import countries
from dashboard.page import back, page, viewer_zone
from dashboard.session.session import SignedIn
from policy.accounts.pricing import rates_of
from policy.campaigns.call_hours import contacts_by_hour
from policy.model.call import CampaignStatus, ContactState
from storage.campaigns import contact_list, contacts
from storage.tables import Account

router = APIRouter(prefix="/campaigns/{campaign_id}", route_class=SignedIn)
#: So many rejected rows are mended on the page; of more than that a file is quicker.
_MENDED_HERE = 20
#: Of what cannot be mended by typing: the number is there already.
_NOT_MENDED = ("duplicate",)
_FIELD = re.compile(r"row\.(\d{1,18})\.(number|zone|context\.(.{1,255}))", re.ASCII | re.DOTALL)
#: A look ahead at so many contacts takes no longer than a page may.
_COMPUTED_AT_ONCE = 200
Text = Annotated[str, Query(max_length=20)]
Computed = Annotated[bool, Query()]


async def show_draft(
    request: Request, account: Account, uses: Services, campaign: CampaignDetail
) -> Response:
    """What there is, what is wrong with it, and what comes next."""
    async with uses.db.browse() as session:
        row = await found(session, account.account_id, campaign.campaign_id)
        names = await agent_names(session, [campaign])
        refusals = await contact_list.refusals(session, campaign.campaign_id)
        rejected = await contact_list.rejected(
            session, campaign.campaign_id, _MENDED_HERE, without=_NOT_MENDED
        )
        demands = await demands_on(session, row)
        newest = await contact_list.newest(session, campaign.campaign_id)
    options = await options_of(uses, account, form_of(row))
    return await page(
        request,
        "campaigns/draft.html",
        campaign=campaign,
        agent_name=names.get(campaign.agent_id, ""),
        options=options,
        staged=campaign.progress.contacts[ContactState.STAGED],
        refusals=refusals,
        rejected=rejected,
        through=newest,
        countries=countries(),
        wanted=sorted(demands.variables.wanted),
        words=campaign_words,
        currency=rates_of(account.rates).currency,
    )


# -- rejected rows


@router.post("/mend")
async def mend_rows(
    campaign_id: str,
    request: Request,
    account: Writer,
    uses: Uses,
    country: Annotated[str, Form(max_length=2)] = "",
) -> Response:
    """What was typed into rejected rows; those that are still wrong keep it and say why."""
    form = await request.form()
    said = [(name, value) for name, value in form.items() if isinstance(value, str)]
    now = await correct(
        uses, account.account_id, campaign_id, _corrections(said), stated_country(country or None)
    )
    if now.mended:
        await service.nudge(uses, now.campaign)
    flash = "mended" if now.mended else "not_mended_rows"
    return await back(request, f"/dashboard/campaigns/{campaign_id}", flash)


@dataclass(slots=True)
class _Typed:
    number: str | None
    zone: str | None
    context: dict[str, str]


def _corrections(said: list[tuple[str, str]]) -> list[Correction]:
    rows: dict[int, _Typed] = {}
    for name, value in said:
        field = _FIELD.fullmatch(name)
        if field is None:
            continue
        row = rows.setdefault(int(field[1]), _Typed(None, None, {}))
        if field[2] == "number":
            row.number = value.strip()
        elif field[2] == "zone":
            row.zone = value.strip()
        else:
            row.context[field[3]] = value.strip()
    return [Correction(key, row.number, row.zone, row.context) for key, row in rows.items()]


@router.post("/forget-rejected")
async def forget_rejected(
    campaign_id: str,
    request: Request,
    account: Writer,
    uses: Uses,
    through: Annotated[int, Form(ge=0, le=LARGEST)],
) -> Response:
    """The rejected rows that were on the page are wanted no more."""
    await contact_corrections.forget(uses, account.account_id, campaign_id, through)
    return await back(request, f"/dashboard/campaigns/{campaign_id}", "rejected_forgotten")


# -- ahead


async def _takes_long(uses: Services, campaign_id: str) -> bool:
    """Whether the page comes at once, and asks for what is computed when it is there."""
    async with uses.db.read() as session:
        counted = await contacts.counts(session, campaign_id)
    return sum(counted.values()) > _COMPUTED_AT_ONCE


@router.get("/preflight")
async def show_preflight(
    campaign_id: str, request: Request, account: Reader, uses: Uses, computed: Computed = False
) -> Response:
    """What would become of its contacts if it started now, and who may be called when."""
    campaign = await service.look(uses, account.account_id, campaign_id)
    if not computed and await _takes_long(uses, campaign_id):
        return await page(request, "campaigns/preflight.html", campaign=campaign, view=None)
    ahead = await look_ahead(uses, account, campaign)
    start = first_hour(uses.now())
    hours = contacts_by_hour(ahead.openings, start, DAYS_AHEAD * 24)
    total = ahead.view.ready + ahead.view.later
    return await page(
        request,
        "campaigns/preflight.html",
        campaign=campaign,
        view=ahead.view,
        table=hour_table(hours, start, total, viewer_zone(request)),
        words=campaign_words,
    )


@router.get("/forecast")
async def show_forecast(
    campaign_id: str,
    request: Request,
    account: Reader,
    uses: Uses,
    max_concurrent: Text = "",
    calls_per_minute: Text = "",
    answer: Text = "",
    talk: Text = "",
    computed: Computed = False,
) -> Response:
    """How it would go: when it is done, how many are reached, what it costs."""
    campaign = await service.look(uses, account.account_id, campaign_id)
    typed = {
        "max_concurrent": max_concurrent,
        "calls_per_minute": calls_per_minute,
        "answer": answer,
        "talk": talk,
    }
    if not (computed or any(typed.values())) and await _takes_long(uses, campaign_id):
        return await page(request, "campaigns/forecast.html", campaign=campaign, is_asked=True)
    view, errors = None, FormErrors()
    try:
        view = await forecast(uses, account, campaign_id, _asked(typed))
    except Problem as problem:
        errors = FormErrors.of(problem, _FORECAST_FIELDS)
    return await page(
        request,
        "campaigns/forecast.html",
        422 if errors else 200,
        campaign=campaign,
        is_asked=False,
        view=view,
        chart=forecast_chart(view, viewer_zone(request)) if view else None,
        typed=typed,
        words=campaign_words,
        errors=errors,
        is_open=campaign.status not in (CampaignStatus.COMPLETED, CampaignStatus.CANCELED),
    )


_FORECAST_FIELDS = (
    ("changes.maxConcurrent", "max_concurrent"),
    ("changes.callsPerMinute", "calls_per_minute"),
    ("answerRate", "answer"),
    ("talkSeconds", "talk"),
)


def _asked(typed: dict[str, str]) -> ForecastRequest:
    caps = {
        name: _number(typed[name], field, 1, 10_000)
        for field, name in _FORECAST_FIELDS[:2]
        if typed[name]
    }
    said: dict[str, object] = {}
    if caps:
        whole = {name: int(value) for name, value in caps.items()}
        said["changes"] = ForecastChanges.model_validate(
            {_CAMEL[name]: value for name, value in whole.items()}
        )
    if typed["answer"]:
        said["answerRate"] = _number(typed["answer"], "answerRate", 0, 100) / 100
    if typed["talk"]:
        said["talkSeconds"] = _number(typed["talk"], "talkSeconds", 1, 14_400)
    return ForecastRequest.model_validate(said)


_CAMEL = {"max_concurrent": "maxConcurrent", "calls_per_minute": "callsPerMinute"}


def _number(text: str, field: str, least: float, most: float) -> float:
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        found = least - 1
    if not least <= found <= most:
        raise invalid("out_of_range", field, f"Must be a number from {least} to {most}.")
    return found


# -- the start, or the end


@router.post("/start")
async def start_campaign(
    campaign_id: str, request: Request, account: Writer, uses: Uses
) -> Response:
    """From now on it calls."""
    await service.start(uses, account, campaign_id, None)
    return await back(request, f"/dashboard/campaigns/{campaign_id}", "campaign_started")


@router.post("/delete")
async def delete_draft(campaign_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """A draft and its contacts are gone."""
    await service.delete(uses, account.account_id, campaign_id)
    return await back(request, "/dashboard/campaigns", "campaign_deleted")
