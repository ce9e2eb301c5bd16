"""`trunkline campaigns mend`: rejected rows corrected or dropped where they stand."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.errors import Declined, Unusable
from cli.remote import lookup
from cli.remote.command import Remote
from cli.remote.upload import hint
from cli.remote.words import given, pairs
from trunkline_client.models import ContactView, CorrectionsView

_PAGE = 200
#: Typed in place of a value.
_DROP, _STOP = "-", "q"
_LABELS = {"endpoint": "number", "timezone": "time zone", "context": "NAME=VALUE"}


def mend(
    remote: Remote,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id or name.")],
    row: Annotated[
        int | None, typer.Option(help="Correct this one: its id, as the list shows it.")
    ] = None,
    number: Annotated[str | None, typer.Option(help="Its number from now on.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Its time zone; empty: none.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="One of its values; repeatable."),
    ] = None,
    drop: Annotated[
        list[int] | None, typer.Option(help="Drop this one: its id; repeatable.")
    ] = None,
    drop_all: Annotated[bool, typer.Option("--drop-all", help="Drop all rejected rows.")] = False,
    country: Annotated[
        str | None, typer.Option(help="ISO 3166: how numbers without + are read.")
    ] = None,
) -> None:
    """Correct rows that were rejected, or drop them.

    At a terminal it goes from row to row and asks. Elsewhere, or with --json, it lists them; --row
    and --drop then say what becomes of which.
    """
    id = lookup.campaign_id(remote, campaign)
    if drop_all:
        _drop_all(remote, id)
    elif row is not None or drop:
        said = {"endpoint": number, "timezone": timezone, "context": pairs(set_ or (), "--set")}
        corrections = [{"contactId": row, **given(said)}] if row is not None else []
        _tell(remote, _correct(remote, id, corrections, drop or [], country))
    elif number or timezone or set_:
        raise Unusable("Say with --row which one it is about.")
    elif remote.screen.for_people and sys.stdin.isatty():
        _ask_all(remote, id, country)
    else:
        _list(remote, id)


def _correct(
    remote: Remote, id: str, corrections: list[dict[str, Any]], drop: list[int], country: str | None
) -> CorrectionsView:
    body = given({"corrections": corrections, "drop": drop, "defaultCountry": country})
    return remote.api.correct_contacts(id, body)


def _tell(remote: Remote, now: CorrectionsView) -> None:
    """What became of them; ends badly where a row is still wrong, or is none that was rejected."""
    screen = remote.screen
    screen.event(now)
    wrong = [f"row {one.row}: {_why(one)}" for one in now.rejected]
    wrong += [f"{one} is no rejected row of this campaign" for one in now.left]
    if not screen.json:
        screen.say(f"{len(now.mended)} mended, {len(now.dropped)} dropped.")
    if wrong:
        raise Declined("; ".join(wrong))


def _why(one: ContactView) -> str:
    return f"{one.error.message} ({one.error.code})" if one.error else ""


def _drop_all(remote: Remote, id: str) -> None:
    """Those that were there when it was asked for."""
    newest = max((one.contact_id for one in _rejected(remote, id)), default=0)
    dropped = remote.api.drop_rejected_contacts(id, through=newest).dropped if newest else 0
    remote.screen.say(f"{dropped:,} dropped.")


def _rejected(remote: Remote, id: str) -> Iterator[ContactView]:
    return remote.api.iter_contacts(id, state=["invalid"], take=_PAGE)


def _list(remote: Remote, id: str) -> None:
    found = list(_rejected(remote, id))
    rows = [
        (str(one.contact_id), str(one.row), one.endpoint or "", _values(one), _why(one))
        for one in found
    ]
    ids = [str(one.contact_id) for one in found]
    columns = ("id", "row", "number", "values", "because")
    remote.screen.many(found, ids, columns, rows, empty="No row is rejected.")


def _values(one: ContactView) -> str:
    return ", ".join(f"{name}={value}" for name, value in one.context.items() if value)[:80]


# -- at a terminal


def _ask_all(remote: Remote, id: str, country: str | None) -> None:
    found = list(_rejected(remote, id))
    if not found:
        remote.screen.say("No row is rejected.")
        return
    remote.screen.say(
        f"{len(found):,} rejected. Enter leaves a row, {_DROP} drops it, {_STOP} stops."
    )
    if known := hint((one.error.code for one in found if one.error), country):
        remote.screen.say(known)
    mended = dropped = 0
    for one in found:
        typed = _ask_one(remote, id, one, country)
        if typed == _STOP:
            break
        dropped += typed == _DROP
        mended += typed == "mended"
    left = len(found) - mended - dropped
    remote.screen.say(f"{mended:,} mended, {dropped:,} dropped, {left:,} left.")


def _ask_one(remote: Remote, id: str, one: ContactView, country: str | None) -> str:
    """Until it is right, left, dropped, or one has enough."""
    while True:
        _show(remote, one)
        what = _wanted(one)
        typed = str(typer.prompt(_LABELS[what], default="", show_default=False)).strip()
        if typed in ("", _STOP):
            return typed
        if typed == _DROP:
            _correct(remote, id, [], [one.contact_id], country)
            return _DROP
        try:
            said = {what: pairs([typed], "This") if what == "context" else typed}
        except Unusable as error:
            remote.screen.say(str(error))
            continue
        now = _correct(remote, id, [{"contactId": one.contact_id, **said}], [], country)
        if not now.rejected:
            return "mended" if now.mended else ""
        one = now.rejected[0]


def _show(remote: Remote, one: ContactView) -> None:
    line = Text.assemble((f"\nrow {one.row}  ", "bold"), f"{one.endpoint or 'no number'}  ")
    remote.screen.say(line.append(_values(one), "dim").append(f"\n{_why(one)}", "red"))


def _wanted(one: ContactView) -> str:
    """What is asked for: the field that is wrong."""
    field = one.error.field if one.error else ""
    return field if field in _LABELS else "endpoint"
