"""`trunkline campaigns forecast`: what a campaign would come to, as it is and otherwise."""

from typing import Annotated

import typer

from cli.remote import lookup
from cli.remote.command import Remote
from cli.remote.words import given, length, money, when
from trunkline_client.models import ForecastView, SpreadView

_SPREAD = ("", "10 of 100", "half", "90 of 100")


def forecast(
    remote: Remote,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id or name.")],
    cap: Annotated[int | None, typer.Option(help="As if so many were called at once.")] = None,
    pace: Annotated[int | None, typer.Option(help="As if so many were dialed a minute.")] = None,
    answer_rate: Annotated[
        float | None, typer.Option(min=0, max=1, help="Default: learned, or assumed.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, max=50, help="How many runs.")] = None,
    seed: Annotated[int, typer.Option(help="The same one gives the same answer.")] = 1,
) -> None:
    """Say what it would come to: its end, outcomes and cost. Nothing is changed."""
    id = lookup.campaign_id(remote, campaign)
    changes = given({"maxConcurrent": cap, "callsPerMinute": pace})
    said = {"seeds": seeds, "answerRate": answer_rate, "changes": changes or None}
    told = remote.api.forecast_campaign(id, {"seed": seed, **given(said)})
    facts = {
        "contacts": f"{told.contacts:,}, in {told.seeds} runs",
        "assumed": ", ".join(
            f"{name} {one.value:g}"
            for name, one in told.assumptions.items()
            if one.source == "assumed"
        ),
        "never called": ", ".join(f"{one.contacts:,} {one.reason}" for one in told.blocked),
        "mind": " ".join(told.notes),
    }
    remote.screen.one(told, id, facts)
    if remote.screen.for_people:
        remote.screen.say("")
        remote.screen.many([told], [], _SPREAD, _rows(told), empty="")


def _rows(told: ForecastView) -> list[tuple[str, ...]]:
    finish = told.finish
    ends = ("never", "never", "never")
    if finish is not None:
        ends = (when(finish.p10), when(finish.p50), when(finish.p90))
    missed = {f"missed: {reason}": spread for reason, spread in told.missed.items()}
    spared = {"never have to be called": told.never_called} if told.never_called.p90 else {}
    counted = {"dials": told.attempts, **told.outcomes, **spared, **missed}
    return [
        ("done by", *ends),
        *((name, *(f"{n:,.0f}" for n in _of(spread))) for name, spread in counted.items()),
        ("most at once", *(f"{n:,.0f}" for n in _of(told.most_busy))),
        ("talk", *(length(n) for n in _of(told.talk_seconds))),
        ("cost", *(money(int(n), told.currency) for n in _of(told.cost))),
    ]


def _of(spread: SpreadView) -> tuple[float, float, float]:
    return (spread.p10, spread.p50, spread.p90)
