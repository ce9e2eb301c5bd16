"""`trunkline rules`: the calling rules at hand, and what they say about one call."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.deferred_command import attribute
from cli.errors import Unusable
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.words import given, instant
from trunkline_client.models import Explanation

if TYPE_CHECKING:
    from policy.rules.book import RuleBook
    from policy.rules.model import Rule

app = typer.Typer(help="The calling rules at hand.", no_args_is_help=True, add_completion=False)
#: Older than this a rule's source should be looked at again: `policy.rules.review`, which is a part
#: of the server.
STALE_DAYS = 90


@app.command()
def check() -> None:
    """Load all rules, your own included, and print how many there are, how sure and how old."""
    # The rules are a part of the server, which `explain` asks: it runs without them here.
    configured, rule_book = (
        attribute("cli.configured:configured"),
        attribute("cli.rule_book:rule_book"),
    )
    book: RuleBook = rule_book(configured())
    console = _console()
    console.print(_table(book.rules, datetime.now(UTC).date()))
    console.print(f"{len(book.rules)} rules, version {book.version}; all can be read.")


def _console() -> Console:
    """As wide as the terminal; wide enough for a table where there is none."""
    return Console(width=None if Console().is_terminal else 160)


def _table(rules: "Iterable[Rule]", today: date) -> Table:
    table = Table(title="Rules by jurisdiction", title_justify="left")
    for column in ("jurisdiction", "rules", "kinds", "confidence", "oldest look", "days"):
        table.add_column(column, justify="right" if column in ("rules", "days") else "left")
    of_place: dict[str, list[Rule]] = {}
    for rule in rules:
        of_place.setdefault(rule.jurisdiction, []).append(rule)
    for place, found in sorted(of_place.items()):
        oldest = min(rule.verified_on for rule in found)
        age = (today - oldest).days
        table.add_row(
            place,
            str(len(found)),
            _counted(rule.kind for rule in found),
            _counted(rule.confidence.value for rule in found),
            oldest.isoformat(),
            str(age),
            style="red" if age > STALE_DAYS else None,
        )
    return table


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))


@remote_command(app)
def diff(remote: Remote) -> None:
    """Say which rules change within a year, and what that would do to calls that wait."""
    found = remote.api.list_coming_rules()
    rows = [
        (
            one.on.isoformat(),
            verb,
            rule.rule_id,
            f"{one.moved} move, {one.ended} end, of {one.waiting}",
            rule.demands,
        )
        for one in found.changes
        for verb, some in (("begins", one.begins), ("ends", one.ends))
        for rule in some
    ]
    columns = ("on", "", "rule", "waiting calls", "demands")
    ids = [one.on.isoformat() for one in found.changes]
    remote.screen.many(found.changes, ids, columns, rows, empty="No rule changes within a year.")
    if not found.is_complete:
        remote.screen.say("There is more than was looked at: the first calls and days are told.")


@remote_command(app, "list")
def list_(
    remote: Remote,
    jurisdiction: Annotated[str, typer.Option(help="Of there, as US-FL.")] = "",
) -> None:
    """List the rules that the account is held to, its own included."""
    found = [
        one
        for one in remote.api.list_rules().rules
        if one.jurisdiction.startswith(jurisdiction.upper())
    ]
    rows = [(one.rule_id, one.jurisdiction, one.demands, one.source) for one in found]
    ids = [one.rule_id for one in found]
    columns = ("rule", "where", "demands", "source")
    remote.screen.many(found, ids, columns, rows, empty="There is no such rule.")


@remote_command(app)
def explain(
    remote: Remote,
    endpoint: Annotated[str, typer.Argument(help="E.164 or sip:user@domain.")],
    agent: Annotated[str, typer.Option(help="Name or id. Default: the only or newest one.")] = "",
    at: Annotated[str, typer.Option(help="RFC 3339, with an offset. Default: now.")] = "",
    purpose: Annotated[str, typer.Option(help="Default: the agent's.")] = "",
    timezone: Annotated[str, typer.Option(help="The recipient's, if you know it.")] = "",
    postal_code: Annotated[str, typer.Option(help="The recipient's, if you know it.")] = "",
    consent: Annotated[
        str, typer.Option(help="A tier the call would state: express, written.")
    ] = "",
) -> None:
    """Ask the API: may this person be called, when next, and why?"""
    said: dict[str, Any] = {
        "at": instant(at or None, "--at"),
        "purpose": purpose or None,
        "timezone": timezone or None,
        "consent": consent or None,
        "postal_code": postal_code or None,
    }
    agent_id = lookup.agent_id(remote, agent) if agent else _newest_agent(remote)
    found = remote.api.explain_call(endpoint=endpoint, agent_id=agent_id, **given(said))
    if remote.screen.for_people:
        _print(found)
    else:
        remote.screen.one(found, found.reason, {})


def _newest_agent(remote: Remote) -> str:
    found = remote.api.list_agents(take=1).agents
    if not found:
        raise Unusable("There is no agent yet: make one first.")
    return found[0].agent_id


def _print(found: Explanation) -> None:
    console = _console()
    verdict = "may be called now" if found.now else "may be called later"
    if not found.permitted:
        verdict = "may not be called"
    console.print(f"[bold]{verdict}[/bold]: {escape(found.detail)} ({found.reason})")
    if found.next_at and not found.now:
        console.print(f"Next: {_shown(found.next_at)}")
    zones = ", ".join(found.timezones) or "no time zone is known"
    console.print(f"Where: {', '.join(found.jurisdictions)}; {zones}")
    if found.notices:
        said = ", ".join(f"{notice} ({rule})" for notice, rule in found.notices.items())
        console.print(f"Said first: {said}")
    table = Table(title_justify="left")
    for column in ("rule", "verdict", "demands", "detail", "source"):
        table.add_column(column)
    for rule in found.rules:
        shown = (rule.rule, rule.verdict, rule.demands, rule.detail, rule.source)
        table.add_row(*map(escape, shown))
    console.print(table)
    console.print(", ".join(found.versions))


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
