"""`trunkline consents`: who has agreed to be called."""

from pathlib import Path
from typing import Annotated

import typer

from cli.remote.command import Remote, remote_command
from cli.remote.upload import content_type, pieces, tell
from cli.remote.words import given, moment, when
from trunkline_client.models import ConsentView

app = typer.Typer(
    help="Consents: add, list, revoke, import.", no_args_is_help=True, add_completion=False
)
Method = Annotated[str, typer.Option(help="How it was given, such as a web form.")]
Tier = Annotated[str, typer.Option(help="express or written.")]
_COLUMNS = ("consent", "number", "tier", "method", "for", "granted", "revoked")


@remote_command(app)
def add(
    remote: Remote,
    number: Annotated[str, typer.Argument(help="Whose.")],
    tier: Tier,
    method: Method,
    evidence: Annotated[str | None, typer.Option(help="What proves it.")] = None,
    scope: Annotated[
        str | None, typer.Option(help="agent, campaign or purpose. Default: all calls.")
    ] = None,
    scope_id: Annotated[str | None, typer.Option(help="Which one.")] = None,
    granted: Annotated[str | None, typer.Option(help="When: RFC 3339. Default: now.")] = None,
    until: Annotated[str | None, typer.Option(help="When it ends: RFC 3339.")] = None,
) -> None:
    """Record that a person agreed to be called."""
    said = {
        "endpoint": number,
        "tier": tier,
        "method": method,
        "evidence": evidence,
        "scope": scope,
        "scopeId": scope_id,
        "grantedTime": moment(granted, "--granted"),
        "expiresTime": moment(until, "--until"),
    }
    _show(remote, remote.api.add_consent(given(said)))


@remote_command(app, "list")
def list_(
    remote: Remote,
    number: Annotated[str | None, typer.Option(help="Of this number.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest.")] = 50,
) -> None:
    """List consents, revoked ones too."""
    found = remote.api.list_consents(take=limit, endpoint=number)
    rows = [
        (
            one.consent_id,
            one.endpoint,
            one.tier,
            one.method,
            f"{one.scope} {one.scope_id or ''}".strip(),
            when(one.granted_time),
            when(one.revoked_time),
        )
        for one in found.consents
    ]
    ids = [one.consent_id for one in found.consents]
    remote.screen.many(found.consents, ids, _COLUMNS, rows, empty="No consent is on record.")


@remote_command(app)
def revoke(
    remote: Remote,
    consent: Annotated[str, typer.Argument(metavar="CONSENT", help="Its id.")],
    method: Annotated[str, typer.Option(help="How it was taken back.")],
    reason: Annotated[str | None, typer.Option(help="Kept with it.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Put the number on the do-not-call list, too.")
    ] = False,
) -> None:
    """Take a consent back."""
    said = {"method": method, "reason": reason, "scope": "all" if everything else None}
    _show(remote, remote.api.revoke_consent(consent, given(said)))


@remote_command(app, "import")
def import_(
    remote: Remote,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
    tier: Tier,
    method: Method,
    phone_column: Annotated[str | None, typer.Option(help="Default: found out.")] = None,
    country: Annotated[
        str | None, typer.Option(help="ISO 3166: how numbers without + are read.")
    ] = None,
) -> None:
    """Record the same consent for every number of a file."""
    with pieces(remote.screen, file) as content:
        done = remote.api.import_consents(
            content,
            content_type=content_type(file),
            tier=tier,  # type: ignore[arg-type]  # the API says which there are
            method=method,
            phone_column=phone_column,
            default_country=country,
        )
    tell(remote.screen, done)


def _show(remote: Remote, one: ConsentView) -> None:
    facts = {
        "consent": one.consent_id,
        "number": one.endpoint,
        "tier": one.tier,
        "method": one.method,
        "granted": when(one.granted_time),
        "revoked": when(one.revoked_time),
    }
    remote.screen.one(one, one.consent_id, facts)
