"""`trunkline rules`: the calling rules at hand, and what they say about one call."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.configured import configured
from cli.errors import Unusable
from cli.rule_book import rule_book
from policy.rules.model import Rule

app = typer.Typer(help="The calling rules at hand.", no_args_is_help=True, add_completion=False)
#: Older than this a rule's source should be looked at again.
STALE_DAYS = 365
SECRETS = Path(".trunkline/secrets.json")


@app.command()
def check() -> None:
    """Load all rules, your own included, and print how many there are, how sure and how old."""
    book = rule_book(configured())
    console = _console()
    console.print(_table(book.rules, datetime.now(UTC).date()))
    console.print(f"{len(book.rules)} rules, version {book.version}; all can be read.")


def _console() -> Console:
    """As wide as the terminal; wide enough for a table where there is none."""
    return Console(width=None if Console().is_terminal else 160)


def _table(rules: Iterable[Rule], today: date) -> Table:
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


@app.command()
def explain(
    endpoint: Annotated[str, typer.Argument(help="E.164 or sip:user@domain.")],
    agent: Annotated[str, typer.Option(help="Agent id. Default: the only or newest one.")] = "",
    at: Annotated[str, typer.Option(help="RFC 3339, with an offset. Default: now.")] = "",
    purpose: Annotated[str, typer.Option(help="Default: the agent's.")] = "",
    timezone: Annotated[str, typer.Option(help="The recipient's, if you know it.")] = "",
    postal_code: Annotated[str, typer.Option(help="The recipient's, if you know it.")] = "",
    consent: Annotated[
        str, typer.Option(help="A tier the call would state: express, written.")
    ] = "",
    api: Annotated[str, typer.Option(help="Where the API is.")] = "http://127.0.0.1:8000",
    key: Annotated[str, typer.Option(help="API key. Default: the local stack's.")] = "",
) -> None:
    """Ask the API: may this person be called, when next, and why?"""
    headers = {"Authorization": f"Bearer {key or _local_key()}"}
    with httpx2.Client(base_url=api, headers=headers, timeout=30, trust_env=False) as http:
        wanted = {"endpoint": endpoint, "agentId": agent or _newest_agent(http)}
        extra = {"at": at, "purpose": purpose, "timezone": timezone, "consent": consent}
        extra["postalCode"] = postal_code
        wanted |= {name: said for name, said in extra.items() if said}
        _print(_asked(http, "/api/v1/compliance/explain", wanted))


def _local_key() -> str:
    configured_key = configured().bootstrap_api_key.get_secret_value()
    if configured_key:
        return configured_key
    try:
        return str(json.loads(SECRETS.read_text())["api_key"])
    except (OSError, ValueError, KeyError):
        raise Unusable("Name an API key with --key: no local stack was found here.") from None


def _newest_agent(http: httpx2.Client) -> str:
    found = _asked(http, "/api/v1/agents", {"take": "1"})["agents"]
    if not found:
        raise Unusable("There is no agent yet: make one first.")
    return str(found[0]["agentId"])


def _asked(http: httpx2.Client, path: str, query: dict[str, str]) -> Any:
    try:
        answer = http.get(path, params=query)
    except httpx2.HTTPError as error:
        raise Unusable(f"The API at {http.base_url} cannot be reached.") from error
    if answer.status_code != 200:
        raise Unusable(f"The API says: {_said(answer)}")
    return answer.json()


def _said(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError):
        return f"status {answer.status_code}."


def _print(found: dict[str, Any]) -> None:
    console = _console()
    verdict = "may be called now" if found["now"] else "may be called later"
    if not found["permitted"]:
        verdict = "may not be called"
    console.print(f"[bold]{verdict}[/bold]: {escape(found['detail'])} ({found['reason']})")
    if found["nextAt"] and not found["now"]:
        console.print(f"Next: {found['nextAt']}")
    zones = ", ".join(found["timezones"]) or "no time zone is known"
    console.print(f"Where: {', '.join(found['jurisdictions'])}; {zones}")
    if found["notices"]:
        said = ", ".join(f"{notice} ({rule})" for notice, rule in found["notices"].items())
        console.print(f"Said first: {said}")
    table = Table(title_justify="left")
    for column in ("rule", "verdict", "demands", "detail", "source"):
        table.add_column(column)
    for rule in found["rules"]:
        shown = (escape(rule[name]) for name in ("rule", "verdict", "demands", "detail", "source"))
        table.add_row(*shown)
    console.print(table)
    console.print(", ".join(found["versions"]))
