"""`trunkline transfers`: to whom callees are put through, and what became of it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.errors import NotThere, Unusable
from cli.remote.command import Remote, remote_command
from cli.remote.words import given, when
from trunkline_client.models import TransferTargetView, TransferView

app = typer.Typer(
    help="Transfers: targets, add, change, remove, list, figures, ask, abandonment.",
    no_args_is_help=True,
    add_completion=False,
)
Which = Annotated[str, typer.Argument(metavar="TARGET", help="Its id or name.")]
Endpoint = Annotated[str | None, typer.Option(help="A number with its +, or sip:user@domain.")]
Zone = Annotated[str | None, typer.Option(help="Whose clock its hours are by.")]
Hours = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="JSON as in the API: hours by day."),
]
Ring = Annotated[int | None, typer.Option(min=5, max=60, help="Seconds it rings.")]
Whisper = Annotated[str | None, typer.Option(help="Said to whoever answers.")]
Key = Annotated[
    bool | None, typer.Option("--needs-key/--no-key", help="They take the call by pressing 1.")
]
Warm = Annotated[
    bool | None,
    typer.Option("--warm/--cold", help="The script or the AI agent stays until it is taken."),
]
Introduction = Annotated[
    str | None, typer.Option(help="Of a warm target: said to both as they come together.")
]
HoldText = Annotated[str | None, typer.Option(help="Of a warm target: said to a callee who waits.")]
HoldMusic = Annotated[
    str | None, typer.Option(help="Of a warm target: https address of an MP3 or WAV.")
]


@remote_command(app)
def targets(remote: Remote) -> None:
    """List targets, and whether somebody is there now."""
    found = list(remote.api.iter_transfer_targets(take=200))
    remote.screen.many(
        found,
        [one.target_id for one in found],
        ("target", "name", "number", "there", "rings", "key", "kind"),
        map(_row, found),
        empty="There is no target.",
    )


def _row(one: TransferTargetView) -> tuple[str, ...]:
    there = "now" if one.is_open else f"from {when(one.opens_at)}" if one.opens_at else "never"
    key = "1" if one.needs_key or one.warm else ""
    kind = "warm" if one.warm else "cold"
    return one.target_id, one.name, one.endpoint, there, f"{one.ring_seconds} s", key, kind


@remote_command(app)
def add(
    remote: Remote,
    name: Annotated[str, typer.Argument(help="As pathways say it, such as sales.")],
    endpoint: Annotated[str, typer.Argument(help="A number with its +, or sip:user@domain.")],
    timezone: Zone = None,
    hours: Hours = None,
    ring: Ring = None,
    whisper: Whisper = None,
    needs_key: Key = None,
    warm: Warm = None,
    introduction: Introduction = None,
    hold_text: HoldText = None,
    hold_music: HoldMusic = None,
) -> None:
    """Add a target."""
    body = _said(timezone, hours, ring, whisper, needs_key)
    body |= _handed(warm, introduction, hold_text, hold_music)
    made = remote.api.create_transfer_target({"name": name, "endpoint": endpoint, **body})
    _show(remote, made)


@remote_command(app)
def change(
    remote: Remote,
    target: Which,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    endpoint: Endpoint = None,
    timezone: Zone = None,
    hours: Hours = None,
    ring: Ring = None,
    whisper: Whisper = None,
    needs_key: Key = None,
    warm: Warm = None,
    introduction: Introduction = None,
    hold_text: HoldText = None,
    hold_music: HoldMusic = None,
) -> None:
    """Change what is named; the rest stays."""
    body = given({"name": name, "endpoint": endpoint})
    body |= _said(timezone, hours, ring, whisper, needs_key)
    body |= _handed(warm, introduction, hold_text, hold_music)
    found = _found(remote, target)
    _show(remote, remote.api.change_transfer_target(found.target_id, body))


@remote_command(app)
def remove(remote: Remote, target: Which) -> None:
    """Remove a target: nobody is put through to it any more."""
    found = _found(remote, target)
    remote.api.delete_transfer_target(found.target_id)
    remote.screen.say(f"{found.name} is removed.")


@remote_command(app, "list")
def list_(
    remote: Remote,
    call: Annotated[str | None, typer.Option(help="Those of one call.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 50,
) -> None:
    """List transfers, the newest first; of one call all."""
    found = remote.api.list_transfers(call_id=call, take=limit).transfers
    remote.screen.many(
        found,
        [one.transfer_id for one in found],
        ("call", "asked", "target", "state", "because", "waited", "talked", "abandoned"),
        map(_transfer, found),
        empty="There was no transfer.",
    )


def _transfer(one: TransferView) -> tuple[str, ...]:
    return (
        one.call_id,
        when(one.asked_time),
        one.target,
        one.state,
        one.reason or "",
        "" if one.waited_seconds is None else f"{one.waited_seconds} s",
        "" if one.duration_seconds is None else f"{one.duration_seconds} s",
        "yes" if one.abandoned else "",
    )


@remote_command(app)
def figures(
    remote: Remote,
    days: Annotated[int, typer.Option(min=1, max=366, help="Asked for within so many.")] = 30,
    campaign: Annotated[str | None, typer.Option(help="Id of one campaign.")] = None,
) -> None:
    """Show how many transfers were connected, and how many calls abandoned."""
    found = remote.api.transfer_figures(days=days, campaign_id=campaign)
    share = _share(found.connected_share)
    remote.screen.one(
        found,
        share,
        {
            "since": when(found.since),
            "asked": f"{found.asked:,}",
            "connected": f"{found.connected:,} ({share})",
            "within 2 s": f"{found.prompt:,}",
            "missed": f"{found.missed:,}",
            "unasked": f"{found.unasked:,}",
            "abandoned": f"{found.abandoned:,} ({_share(found.abandoned_share)})",
        },
    )


@remote_command(app)
def ask(
    remote: Remote,
    call: Annotated[str, typer.Argument(help="Id of a call with an AI agent on the line.")],
    target: Annotated[str, typer.Argument(help="The target's name.")],
    whisper: Whisper = None,
) -> None:
    """Have a callee put through, as the AI agent that talks to them."""
    made = remote.api.transfer_call(call, {"target": target, **given({"whisper": whisper})})
    facts = {"transfer": made.transfer_id, "state": made.state, "because": made.detail}
    remote.screen.one(made, made.state, facts)


@remote_command(app)
def abandonment(
    remote: Remote, campaign: Annotated[str, typer.Argument(help="Id of a campaign.")]
) -> None:
    """Show how near a campaign is to the limits of abandoned calls."""
    found = remote.api.get_abandonment(campaign)
    most = "any number" if found.most_in_flight is None else str(found.most_in_flight)
    remote.screen.one(
        found,
        most,
        {
            "watched": "yes" if found.is_watched else "no",
            "in flight at most": most,
            "slowed because": found.detail,
            **{
                one.country or "unknown": f"{one.abandoned} of {one.answered} ({_share(one.share)}"
                f" of at most {_share(one.limit)}){', called now' if one.is_called else ''}"
                for one in found.standings
            },
        },
    )


def _share(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f} %"


def _said(
    timezone: str | None,
    hours: Path | None,
    ring: int | None,
    whisper: str | None,
    needs_key: bool | None,
) -> dict[str, Any]:
    return given(
        {
            "timezone": timezone,
            "hours": None if hours is None else _json(hours),
            "ringSeconds": ring,
            "whisper": whisper,
            "needsKey": needs_key,
        }
    )


def _handed(
    warm: bool | None, introduction: str | None, hold_text: str | None, hold_music: str | None
) -> dict[str, Any]:
    said = {"introduction": introduction, "holdText": hold_text, "holdMusic": hold_music}
    return given({"warm": warm, **said})


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except ValueError:
        raise Unusable(f"{path} holds no JSON.") from None


def _found(remote: Remote, text: str) -> TransferTargetView:
    for one in remote.api.iter_transfer_targets(take=200):
        if text in (one.target_id, one.name):
            return one
    raise NotThere(f"There is no target {text}.")


def _show(remote: Remote, one: TransferTargetView) -> None:
    remote.screen.one(
        one,
        one.target_id,
        {
            "target": one.target_id,
            "name": one.name,
            "number": one.endpoint,
            "zone": one.timezone,
            "there": "now" if one.is_open else when(one.opens_at),
            "rings": f"{one.ring_seconds} s",
            "is told": one.whisper,
            "takes it with": "1" if one.needs_key or one.warm else None,
            "is": "warm" if one.warm else "cold",
            "introduced with": one.introduction,
            "waits with": " ".join(filter(None, (one.hold_text, one.hold_music))) or None,
        },
    )
