"""How callees behave: what the request says, else what was learned, else what is assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.forecast.schemas import ForecastRequest
from api.forecast.views import AssumptionView
from api.http.problems import invalid
from policy.forecast.callees import CalleeRates
from policy.forecast.learned_rates import SHARES, Learned, learned
from policy.statistics import Sample
from policy.time.dayparts import LEAST_ATTEMPTS, first_month
from storage.analytics import analytics
from storage.campaigns import forecast_attempts
from storage.tables import Agent

#: The fields of a request by the names of rates.
_FIELDS: Mapping[str, str] = {
    "answered": "answer_rate",
    "voicemail": "machine_rate",
    "busy": "busy_rate",
    "invalid": "invalid_rate",
    "failed": "failed_rate",
    "declined": "declined_rate",
    "talk_seconds": "talk_seconds",
    "voicemail_seconds": "voicemail_seconds",
    "ring_seconds": "ring_seconds",
    "overhead_seconds": "overhead_seconds",
}
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class StatedRates:
    """The rates to reckon with, and where each comes from."""

    rates: CalleeRates
    assumptions: Mapping[str, AssumptionView]
    learned_from: int


async def rates_for(
    session: AsyncSession, agent: Agent, body: ForecastRequest, now: datetime
) -> StatedRates:
    """Raises a 422 Problem where the shares come to more than everything."""
    known = Learned(CalleeRates())
    if body.learn:
        account_id = agent.account_id
        results = await forecast_attempts.latest_results(session, account_id, agent.agent_id, now)
        slots = await _slots(session, agent, now)
        known = learned(results, slots, known.rates)
    said = {
        name: value
        for name, field in _FIELDS.items()
        if (value := getattr(body, field)) is not None
    }
    rates = replace(known.rates, **said)
    if "answered" in said:
        rates = replace(rates, by_slot={})
    rates = _fitted(rates, said)
    return StatedRates(rates, _sources(rates, said, known), known.attempts)


async def _slots(session: AsyncSession, agent: Agent, now: datetime) -> dict[int, Sample]:
    """The agent's own; the account's where the agent has made too few attempts."""
    since = first_month(now)
    own = await analytics.slots(session, agent.account_id, since, agent_id=agent.agent_id)
    if sum(one.trials for one in own.values()) >= LEAST_ATTEMPTS:
        return own
    return await analytics.slots(session, agent.account_id, since)


def _fitted(rates: CalleeRates, said: Mapping[str, float]) -> CalleeRates:
    """What was said holds; what was not shares the rest, where that is less than it would be."""
    named = sum(said.get(name, 0.0) for name in SHARES)
    if named > 1 + 1e-9:
        message = "The rates come to more than 1 together."
        raise invalid("out_of_range", "answerRate", message)
    others = {name: getattr(rates, name) for name in SHARES if name not in said}
    rest, wanted = max(0.0, 1 - named), sum(others.values())
    if wanted <= rest:
        return rates
    return replace(rates, **{name: share * rest / wanted for name, share in others.items()})


def _sources(
    rates: CalleeRates, said: Mapping[str, float], known: Learned
) -> dict[str, AssumptionView]:
    found = {}
    for name, field in _FIELDS.items():
        source = "learned" if name in known.named else "assumed"
        found[_camel(field)] = AssumptionView(
            value=round(getattr(rates, name), _DIGITS), source="request" if name in said else source
        )
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
