"""`trunkline campaigns goal`: what a campaign is to reach, and how far it is."""

from typing import Annotated, Any

import typer

from cli.errors import Unusable
from cli.remote import lookup
from cli.remote.command import Remote
from cli.remote.words import given, moment, money, when
from trunkline_client.models import CampaignDetail

_MICRO = 1_000_000


def goal(
    remote: Remote,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id or name.")],
    target: Annotated[int | None, typer.Option(help="So many calls that end well.")] = None,
    counts: Annotated[
        list[str] | None, typer.Option(help="Outcomes that count; repeatable. Default: confirmed.")
    ] = None,
    transferred_to: Annotated[
        list[str] | None,
        typer.Option(help="Or calls put through to this target; repeatable; '*': to any."),
    ] = None,
    quota: Annotated[
        list[str] | None,
        typer.Option(metavar="VARIABLE:VALUE=NUMBER", help="So many of a segment; repeatable."),
    ] = None,
    budget: Annotated[float | None, typer.Option(help="Until so much is spent.")] = None,
    until: Annotated[str | None, typer.Option(help="Until then: RFC 3339, or +2h.")] = None,
    none: Annotated[bool, typer.Option("--none", help="Take its goal away.")] = False,
) -> None:
    """Set what it is to reach; without options, show how far it is. What is said replaces all."""
    id = lookup.campaign_id(remote, campaign)
    said = given(
        {
            "target": target,
            "quotas": _quotas(quota or ()),
            "spend": None if budget is None else round(budget * _MICRO),
            "until": moment(until, "--until"),
        }
    )
    if said or none:
        default = [] if transferred_to else ["confirmed"]
        what = given({"outcomes": counts or default, "transferredTo": transferred_to})
        counted = what if {"target", "quotas"} & set(said) else {}
        remote.api.change_campaign(id, {"goal": {**counted, **said} if said else None})
    found = remote.api.get_campaign(id)
    facts = {"campaign": found.name, "goal": standing_of_goal(found) or "none", **_segments(found)}
    remote.screen.one(found, id, facts)


def _quotas(said: list[str] | tuple[()]) -> dict[str, Any] | None:
    targets: dict[str, int] = {}
    variables = set()
    for one in said:
        named, _, number = one.rpartition("=")
        variable, divided, segment = named.partition(":")
        if not divided or not number.isdecimal():
            raise Unusable("--quota takes a variable, a value and a number: region:north=100.")
        variables.add(variable)
        targets[segment] = int(number)
    if len(variables) > 1:
        raise Unusable("All quotas are of one variable.")
    return {"variable": variables.pop(), "targets": targets} if targets else None


def standing_of_goal(found: CampaignDetail) -> str:
    """`80 of 200`, and what ended it."""
    at = found.progress.goal
    if at is None:
        return ""
    numbers = [
        f"{at.found or 0:,} of {at.target:,}" if at.target else "",
        f"{sum(one.is_full for one in at.segments)} of {len(at.segments)} segments full"
        if at.segments
        else "",
        f"{money(at.spent)} of {money(at.spend)} spent" if at.spend else "",
        f"until {when(at.until)}" if at.until else "",
        f"reached {when(at.reached_at)}" if at.met else "",
        f"{at.never_called:,} people never had to be called" if at.never_called else "",
    ]
    return ", ".join(filter(None, numbers))


def _segments(found: CampaignDetail) -> dict[str, str]:
    at = found.progress.goal
    return {one.segment: f"{one.found:,} of {one.target:,}" for one in at.segments} if at else {}
