"""How a campaign's variants look, and how they compare."""

from collections.abc import Mapping, Sequence

from pydantic import ConfigDict, Field

from api.http.schema import JsonObject, View
from policy.campaigns.splits import Split, VariantStanding, leader
from policy.model.call import Outcome
from policy.statistics import ShareInterval

_VARIANT: JsonObject = {
    "name": "brief, in the evening",
    "weight": 1,
    "pathwayId": None,
    "callerId": None,
    "window": {"start": "17:00", "end": "20:00"},
    "voicemail": None,
    "share": 0.62,
    "calls": 240,
    "ended": 231,
    "successes": 92,
    "rate": 0.398,
    "interval": {"low": 0.337, "high": 0.463},
    "difference": {"low": 0.011, "high": 0.187},
    "chanceToBeBest": 0.981,
}
EXAMPLE: JsonObject = {
    "success": ["confirmed"],
    "transferredTo": [],
    "learns": True,
    "leader": "brief, in the evening",
    "variants": [{**_VARIANT, "name": "as now", "difference": None}, _VARIANT],
}


class IntervalView(View):
    """95 % of such intervals hold the true value."""

    low: float
    high: float


class VariantView(View):
    """`ended` calls were made and are over; `successes` of them went as wished."""

    name: str
    weight: int
    pathway_id: str | None
    caller_id: str | None
    window: JsonObject | None
    voicemail: JsonObject | None
    share: float = Field(description="The part of the contacts that it gets now.")
    calls: int
    ended: int
    successes: int
    rate: float | None
    interval: IntervalView = Field(description="Of the rate, by Wilson.")
    difference: IntervalView | None = Field(
        description="Of its rate less that of the first variant, by Newcombe; null: it is that one."
    )
    chance_to_be_best: float


class SplitView(View):
    """The variants in the order in which they were said."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    success: list[Outcome]
    transferred_to: list[str] = Field(
        description="Targets to whom a callee is put through as wished; `*`: any."
    )
    learns: bool
    leader: str | None = Field(
        description="The variant that is better by more than chance explains; null: none is."
    )
    variants: list[VariantView]


def split_view(
    split: Split,
    found: Sequence[VariantStanding],
    shares: Mapping[str, float],
    calls: Mapping[str, int],
) -> SplitView:
    """All of it as the API shows it."""
    return SplitView(
        success=sorted(split.success),
        transferred_to=sorted(split.transferred_to),
        learns=split.learns,
        leader=leader(found),
        variants=[_variant(one, shares, calls) for one in found],
    )


def _variant(
    one: VariantStanding, shares: Mapping[str, float], calls: Mapping[str, int]
) -> VariantView:
    said = one.variant
    return VariantView(
        name=said.name,
        weight=said.weight,
        pathway_id=said.pathway_id,
        caller_id=said.caller_id,
        window=None if said.window is None else dict(said.window),
        voicemail=None if said.voicemail is None else dict(said.voicemail),
        share=round(shares[said.name], 4),
        calls=calls.get(said.name, 0),
        ended=one.sample.trials,
        successes=one.sample.hits,
        rate=one.sample.share,
        interval=_interval(one.interval),
        difference=None if one.ahead is None else _interval(one.ahead),
        chance_to_be_best=one.is_best,
    )


def _interval(found: ShareInterval) -> IntervalView:
    return IntervalView(low=round(found.low, 4), high=round(found.high, 4))
