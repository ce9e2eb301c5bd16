"""`trunkline webhooks`: who is told of events, and what came of it."""

from typing import Annotated, Any

import typer

from cli.commands.webhooks.listen import listen
from cli.errors import Failed
from cli.remote.command import Remote, remote_command
from cli.remote.words import counts, given, instant, when
from trunkline_client.models import DeliveryDetail, DeliveryView, WebhookDetail, WebhookView

app = typer.Typer(
    help="Webhooks: list, show, create, change, test, send-waiting, replay, deliveries, listen.",
    no_args_is_help=True,
    add_completion=False,
)
Hook = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Its id.")]
Types = Annotated[list[str] | None, typer.Option("--event", help="Only of this type; repeatable.")]
_COLUMNS = ("webhook", "address", "events", "", "since")
_DELIVERIES = ("delivery", "event", "type", "call", "state", "tries", "last answer", "next")


@remote_command(app, "list")
def list_(remote: Remote) -> None:
    """List webhooks, the newest first."""
    found = list(remote.api.iter_webhooks(take=200))
    remote.screen.many(
        found,
        [one.webhook_id for one in found],
        _COLUMNS,
        map(_row, found),
        empty="There is no webhook. Make one with `trunkline webhooks create ADDRESS`.",
    )


def _row(one: WebhookView) -> tuple[str, ...]:
    state = "" if one.is_enabled else f"disabled: {one.disabled_reason or ''}"
    since = when(one.failing_since)
    return one.webhook_id, one.url, ", ".join(one.events) or "all", state, since


@remote_command(app)
def show(remote: Remote, webhook: Hook) -> None:
    """Show one webhook, and how many deliveries are in which state."""
    found = remote.api.get_webhook(webhook)
    remote.screen.one(found, found.webhook_id, _facts(found))


def _facts(one: WebhookView | WebhookDetail) -> dict[str, Any]:
    return {
        "webhook": one.webhook_id,
        "address": one.url,
        "description": one.description,
        "events": ", ".join(one.events) or "all",
        "enabled": "yes" if one.is_enabled else f"no: {one.disabled_reason or ''}",
        "failing since": when(one.failing_since),
        "old secret until": when(one.previous_secret_until),
        "waiting since": when(getattr(one, "waiting_since", None)),
        "deliveries": counts(getattr(one, "deliveries", {})),
    }


@remote_command(app)
def create(
    remote: Remote,
    address: Annotated[str, typer.Argument(help="Where events are sent to.")],
    event: Types = None,
    description: Annotated[str | None, typer.Option(help="For people.")] = None,
    mask: Annotated[bool, typer.Option("--mask", help="Send no whole number.")] = False,
) -> None:
    """Be told of events. The secret is shown this once."""
    said = {"url": address, "events": event or None, "description": description}
    made = remote.api.create_webhook(given({**said, "maskNumbers": mask or None}))
    facts = {"webhook": made.webhook_id, "address": made.url, "secret": made.secret}
    remote.screen.one(made, made.webhook_id, facts)


@remote_command(app)
def change(
    remote: Remote,
    webhook: Hook,
    address: Annotated[str | None, typer.Option(help="Where events are sent to.")] = None,
    event: Types = None,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Enabled, it is told what it missed.")
    ] = None,
) -> None:
    """Change what is named; the rest stays."""
    said = given({"url": address, "events": event or None, "isEnabled": enabled})
    done = remote.api.change_webhook(webhook, said)
    remote.screen.one(done, done.webhook_id, _facts(done))


@remote_command(app)
def delete(remote: Remote, webhook: Hook) -> None:
    """Tell it nothing more; its deliveries go with it."""
    remote.api.delete_webhook(webhook)
    remote.screen.say(f"{webhook} is deleted.")


@remote_command(app)
def rotate(
    remote: Remote,
    webhook: Hook,
    overlap: Annotated[
        str | None, typer.Option(help="ISO 8601: how long the old secret signs, too.")
    ] = None,
) -> None:
    """Make a new secret, shown this once."""
    done = remote.api.rotate_secret(webhook, {"overlap": overlap} if overlap else None)
    facts = {"webhook": done.webhook_id, "secret": done.secret}
    remote.screen.one(done, done.webhook_id, facts)


@remote_command(app)
def test(remote: Remote, webhook: Hook) -> None:
    """Send a test, and show what came of it. The exit code is 1 when it was not taken."""
    with remote.screen.progress("Waiting for the answer", None):
        done = remote.api.test_webhook(webhook)
    _show_delivery(remote, done)
    if done.state != "delivered":
        raise Failed("The receiver has not taken it (yet).")


def _show_delivery(remote: Remote, one: DeliveryDetail) -> None:
    tries = [f"{one.status or one.error} in {one.ms} ms" for one in one.tries]
    facts = {
        "delivery": one.delivery_id,
        "event": f"{one.event_id} {one.type}",
        "state": one.state,
        "tries": ", ".join(tries) or "none yet",
        "answer": one.answer,
        "next": when(one.next_at),
    }
    remote.screen.one(one, str(one.delivery_id), facts)


@remote_command(app, "send-waiting")
def send_waiting(remote: Remote, webhook: Hook) -> None:
    """Try now whatever waits for its next try, as once the receiver is well again."""
    done = remote.api.send_waiting(webhook)
    remote.screen.one(done, str(done.deliveries), {"tried now": done.deliveries})


@remote_command(app)
def replay(
    remote: Remote,
    webhook: Hook,
    delivery: Annotated[str | None, typer.Option(help="One delivery by its id.")] = None,
    since_event: Annotated[str | None, typer.Option(help="From this event on.")] = None,
    until_event: Annotated[str | None, typer.Option(help="Up to this event.")] = None,
    since: Annotated[str | None, typer.Option(help="From this time on: RFC 3339.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this time.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only what was given up.")] = False,
) -> None:
    """Send events once more: one, a range, or with no option everything there ever was."""
    said = {
        "sinceEvent": since_event,
        "untilEvent": until_event,
        "since": instant(since, "--since"),
        "until": instant(until, "--until"),
        "state": "failed" if failed else None,
    }
    if delivery:
        done = remote.api.replay_delivery(webhook, delivery)
    else:
        done = remote.api.replay_events(webhook, given(said))
    remote.screen.one(done, str(done.deliveries), {"sent once more": done.deliveries})


@remote_command(app)
def deliveries(
    remote: Remote,
    webhook: Hook,
    delivery: Annotated[str | None, typer.Option(help="Show this one, with its request.")] = None,
    state: Annotated[str | None, typer.Option(help="pending, delivered or failed.")] = None,
    call: Annotated[str | None, typer.Option(help="About this call.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest.")] = 20,
) -> None:
    """List what was sent and what came of it."""
    if delivery:
        found = remote.api.get_delivery(webhook, delivery)
        _show_delivery(remote, found)
        remote.screen.say(f"\n{found.request.method} {found.request.url}\n{found.request.body}")
        return
    filters = given({"state": state, "call_id": call})
    page = remote.api.list_deliveries(webhook, take=limit, **filters).deliveries
    ids = [str(one.delivery_id) for one in page]
    empty = "Nothing was sent yet."
    remote.screen.many(page, ids, _DELIVERIES, map(_delivery, page), empty=empty)


def _delivery(one: DeliveryView) -> tuple[str, ...]:
    last = one.tries[-1] if one.tries else None
    return (
        str(one.delivery_id),
        one.event_id,
        one.type,
        one.call_id or "",
        one.state,
        str(len(one.tries)),
        str((last.status or last.error) if last else ""),
        when(one.next_at),
    )


remote_command(app)(listen)
