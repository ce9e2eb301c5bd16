"""`trunkline caller-ids`: the numbers that agents call from, as the carrier lists them."""

from typing import Annotated

import typer

from cli.errors import NotThere
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.words import given, when
from trunkline_client.models import CallerIdStandingView, ListedNumberView, NumberListView

app = typer.Typer(
    help="Caller IDs: list, listed, import, return.", no_args_is_help=True, add_completion=False
)
Carrier = Annotated[
    str,
    typer.Option(
        "--carrier",
        help="Of this account at the carrier: id, name or SID. Default: the installation's own.",
    ),
]
_USED = ("number", "at the carrier", "dialed by", "agents", "not shown")
_LISTED = ("number", "kind", "name", "voice", "SHAKEN/STIR", "caller name", "lost")


@remote_command(app, "list")
def list_(remote: Remote) -> None:
    """List the caller IDs of agents, and where each stands at the carrier."""
    found = list(remote.api.iter_caller_ids(take=200))
    remote.screen.many(
        found,
        [one.number for one in found],
        _USED,
        map(_row, found),
        empty="No agent has a caller ID.",
    )
    if remote.screen.for_people:
        for one in remote.api.list_caller_ids(take=1).lists:
            remote.screen.say(_told(one))


def _row(one: CallerIdStandingView) -> tuple[str, ...]:
    marks = ", ".join(sorted(set(one.marks.values())))
    by = one.carrier_account_id or "the installation"
    return one.number, one.standing.replace("_", " "), by, str(len(one.agent_ids)), marks


def _told(one: NumberListView) -> str:
    whose = one.carrier_account_id or "the installation"
    if one.imported_time is None:
        text = f"The list of {whose} was not imported yet: trunkline caller-ids import."
    else:
        text = f"The list of {whose} is of {when(one.imported_time)}, {one.numbers} numbers."
    return text if one.error is None else f"{text} The last try failed: {one.error}."


@remote_command(app)
def listed(remote: Remote, carrier: Carrier = "") -> None:
    """List the numbers that an account at the carrier may show, as they were imported last."""
    own = _id(remote, carrier)
    found = list(remote.api.iter_carrier_numbers(**given({"carrier_account_id": own}), take=200))
    ids = [one.number for one in found]
    remote.screen.many(found, ids, _LISTED, map(_number, found), empty="There is none.")


def _number(one: ListedNumberView) -> tuple[str, ...]:
    voice = "" if one.voice is None else "yes" if one.voice else "no"
    told = (one.shaken_stir or "", one.caller_name or "", when(one.lost_time))
    return (one.number, one.kind, one.name, voice, *told)


@remote_command(app, "import")
def import_(remote: Remote, carrier: Carrier = "") -> None:
    """Ask the carrier for its list now; from then on it is asked again once a day."""
    found = remote.api.import_caller_ids({"carrierAccountId": _id(remote, carrier)})
    facts = {
        "numbers": str(found.of.numbers),
        "new": str(found.added),
        "lost": str(found.lost),
        "imported": when(found.of.imported_time),
    }
    remote.screen.one(found, str(found.of.numbers), facts)


@remote_command(app, "return")
def return_(
    remote: Remote,
    number: Annotated[str, typer.Argument(help="A number that is rested.")],
    agent: Annotated[str, typer.Option(help="In the pool of this agent: name or id.")],
) -> None:
    """Try a number that is rested again now, with some of its people."""
    body = {"agentId": lookup.agent_id(remote, agent), "number": number}
    found = remote.api.return_caller_id(body)
    remote.screen.one(found, found.watch_id, {"number": number, "state": found.state})


def _id(remote: Remote, text: str) -> str | None:
    if not text:
        return None
    for one in remote.api.iter_carrier_accounts(take=200):
        if text in (one.carrier_account_id, one.name, one.account_sid):
            return one.carrier_account_id
    raise NotThere(f"There is no account at the carrier {text}.")
