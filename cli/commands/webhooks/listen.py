"""`trunkline webhooks listen`: events as they happen, printed, and passed on to where one works."""

import base64
import json
import os
import secrets
from collections.abc import Iterator
from typing import Annotated, Any

import httpx2
import typer
from rich.text import Text

from cli.errors import Unusable
from cli.remote.command import Remote
from cli.remote.screen import jsonable
from cli.remote.words import clock, instant
from trunkline_client import signed_headers
from trunkline_client.event_stream import StreamedEvent

SECRET = "WEBHOOK_SECRET"
_PATIENCE = 15.0


def listen(
    remote: Remote,
    event: Annotated[
        list[str] | None, typer.Option("--event", help="Only of this type; repeatable.")
    ] = None,
    call: Annotated[str | None, typer.Option(help="Only about this call.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Only about this campaign: its id.")] = None,
    since: Annotated[
        str | None, typer.Option(help="What happened since then, too: RFC 3339.")
    ] = None,
    forward: Annotated[
        str | None, typer.Option(help="Send each to this address as a webhook would.")
    ] = None,
    secret: Annotated[
        str | None,
        typer.Option(help=f"Signs what is forwarded. Default: {SECRET}, else one of this run."),
    ] = None,
    count: Annotated[int | None, typer.Option(help="End after so many.")] = None,
    mask: Annotated[bool, typer.Option("--mask", help="No whole number.")] = False,
) -> None:
    """Print events as they happen, until Ctrl-C; no webhook has to be made.

    With --forward each is also sent to an address, such as one of your own machine, signed. What
    it answers is shown; nothing is sent twice.
    """
    passed = _Forwarder(forward, _secret(remote, secret)) if forward else None
    remote.screen.say(f"Listening at {remote.target.url}.")
    filters = {"type": event, "call_id": call, "campaign_id": campaign, "mask_numbers": mask}
    for number, one in enumerate(_events(remote, since, filters), 1):
        _show(remote, one, passed.send(one) if passed else "")
        if number == count:
            return


def _secret(remote: Remote, said: str | None) -> str:
    """For people one is made where none is named; a program would not see it."""
    known = said or os.environ.get(SECRET)
    if not known and not remote.screen.for_people:
        raise Unusable(f"Name the secret that signs with --secret or {SECRET}.")
    if not known:
        known = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
        remote.screen.say(f"Signed with {known}, which is good for this run only.")
    return known


def _events(remote: Remote, since: str | None, filters: dict[str, Any]) -> Iterator[StreamedEvent]:
    """What happened since then, and behind it what happens."""
    at, place = instant(since, "--since"), None
    more = at is not None
    while more:
        page = remote.api.list_events(
            after=place, since=None if place else at, take=1000, **filters
        )
        for event in page.events:
            body = json.dumps(jsonable(event), separators=(",", ":")).encode()
            yield StreamedEvent(event, page.next, body)
        place, more = page.next, page.has_more
    yield from remote.api.stream_events(after=place, **filters)


class _Forwarder:
    """Sends events on as a webhook would be sent, once each."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret
        self._http = httpx2.Client(timeout=_PATIENCE, trust_env=False)

    def send(self, one: StreamedEvent) -> str:
        """What came back, in a word or two."""
        try:
            headers = signed_headers(self._secret, one.event.id, one.body)
            return str(self._http.post(self._url, content=one.body, headers=headers).status_code)
        except httpx2.HTTPError as error:
            return type(error).__name__
        except ValueError as error:
            raise Unusable("--secret must be as Trunkline gives it: whsec_ and base64.") from error


def _show(remote: Remote, one: StreamedEvent, answer: str) -> None:
    event = one.event
    if remote.screen.json:
        remote.screen.write(one.body.decode())
    elif remote.screen.quiet:
        remote.screen.write(event.id)
    else:
        subject = (event.call_id or event.campaign_id or "-")[:8]
        state = event.outcome or event.status or "-"
        line = f"{clock(event.time)}  {event.id:<9} {subject:<8}  {event.type:<22} {state:<12}"
        remote.screen.say(Text.assemble(line, (f" → {answer}" if answer else "", "dim")))
