"""`trunkline call`: one person called."""

from typing import Annotated, Any

import typer

from cli.errors import Unusable
from cli.live.call_watch import watch as watch_call
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.words import given, moment, pairs, standing, when
from trunkline_client.models import CallDetail, CallPreviewView, CallView

app = typer.Typer(add_completion=False)
#: With this status a call has reached what it was made for.
WELL = "Completed"
TYPES = ("home", "mobile", "work")
WOULD = {
    "dial": "be dialed at once",
    "queue": "wait for a free line",
    "wait": "wait",
    "end": "end undialed",
}


@remote_command(app)
def call(
    remote: Remote,
    number: Annotated[str, typer.Argument(help="E.164, or sip:user@domain.")],
    agent: Annotated[str, typer.Option(help="Name or id. Default: the only one.")] = "",
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[TYPE:]NUMBER",
            help="Another number of the same person: home, mobile or work; repeatable, in order.",
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A variable of the pathway; repeatable."),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Yours, echoed in webhooks; repeatable."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", "--not-before", help="Earliest time: RFC 3339, or +2h from now."),
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(help="Latest time to dial, written like --at.")
    ] = None,
    priority: Annotated[int | None, typer.Option(help="0 to 10, higher first.")] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Of wall times. Default: the agent's.")
    ] = None,
    pathway: Annotated[str | None, typer.Option(help="Name or id. Default: the agent's.")] = None,
    caller_id: Annotated[str | None, typer.Option(help="One of the agent's.")] = None,
    purpose: Annotated[str | None, typer.Option(help="Default: the agent's.")] = None,
    country: Annotated[
        str | None, typer.Option(help="ISO 3166: how numbers without + are read.")
    ] = None,
    consent: Annotated[
        str | None, typer.Option(help="State a consent: express or written.")
    ] = None,
    consent_method: Annotated[str, typer.Option(help="How it was given.")] = "",
    recording: Annotated[
        bool | None, typer.Option("--recording/--no-recording", help="Default: the agent's.")
    ] = None,
    duplicate: Annotated[
        bool, typer.Option("--duplicate", help="Even if this number was called just now.")
    ] = False,
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key never makes a second call.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it until its end.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become of it.")
    ] = False,
) -> None:
    """Call one person.

    With --watch the exit code says how it ended: 0 with the status Completed, else 1.
    """
    said: dict[str, Any] = {
        "agentId": lookup.agent_id(remote, agent),
        "endpoint": number,
        "otherNumbers": [_other(one) for one in also] if also else None,
        "context": pairs(set_ or (), "--set"),
        "additionalData": pairs(data or (), "--data"),
        "callDeadline": moment(deadline, "--deadline"),
        "schedule": {"notBefore": moment(at, "--at")} if at else None,
        "priority": priority,
        "timezone": timezone,
        "pathwayId": lookup.pathway_id(remote, pathway) if pathway else None,
        "callerId": caller_id,
        "purpose": purpose,
        "defaultCountry": country,
        "consent": _stated(consent, consent_method),
        "recording": recording,
        "allowDuplicate": True if duplicate else None,
    }
    if dry_run:
        _preview(remote, remote.api.preview_call(given(said)))
        return
    made = remote.api.create_call(given(said), idempotency_key=idempotency_key)
    if not watch:
        show(remote, made)
        remote.screen.say(f"Watch it: `trunkline calls watch {made.call_id}`.")
        return
    remote.screen.say(f"Call {made.call_id}; Ctrl-C stops only the watching.")
    if watch_call(remote, made.call_id).status != WELL:
        raise typer.Exit(1)


def _preview(remote: Remote, told: CallPreviewView) -> None:
    """Nothing was made."""
    there = [f"{one.local_time:%a %d %b %H:%M} in {one.timezone}" for one in told.clocks]
    facts = {
        "to": told.endpoint,
        "from": told.caller_id,
        "would": WOULD.get(told.decision, told.decision),
        "because": told.detail,
        "next": when(told.until),
        "there it is": " or ".join(there) or "unknown",
        "position": told.position,
        "starts about": when(told.expected_start),
    }
    remote.screen.one(told, told.decision, facts)


def _other(text: str) -> dict[str, str]:
    """As `mobile:+12025550124`, or the number alone."""
    kind, apart, number = text.partition(":")
    if apart and kind.strip().lower() in TYPES:
        return {"type": kind.strip().lower(), "endpoint": number.strip()}
    return {"endpoint": text}


def _stated(tier: str | None, method: str) -> dict[str, str] | None:
    if tier is None:
        return None
    if not method:
        raise Unusable("Say with --consent-method how the consent was given.")
    return {"tier": tier, "method": method}


def show(remote: Remote, call: CallView | CallDetail) -> None:
    """A call in a few lines."""
    remote.screen.one(
        call,
        call.call_id,
        {
            "call": call.call_id,
            "to": call.endpoint,
            "numbers": ", ".join(one.endpoint for one in call.numbers or ()),
            "from": call.caller_id,
            "status": standing(call.status, call.outcome),
            "because": call.detail,
            "waits for": call.waiting_for,
            "next": when(call.next_attempt_at),
        },
    )
