"""A call until its end, event by event."""

from contextlib import nullcontext
from datetime import datetime

from rich.text import Text

from cli.remote.command import Remote
from cli.remote.words import clock, length, standing, when
from trunkline_client.models import CallDetail, EventPayload

ENDINGS = {f"call.{word}" for word in ("completed", "failed", "canceled", "suppressed")} | {
    "call.deadline_missed"
}
_WORDS = {
    "call.created": "accepted",
    "call.queued": "waits",
    "call.dialing": "dialing",
    "call.ringing": "rings",
    "call.answered": "answered",
    "call.voicemail": "a machine answered",
    "call.not_served": "answered, and could not be spoken to",
    "call.attempt_ended": "hung up",
    "call.unknown": "the carrier's answer was lost: looking for the call",
    "call.retry_scheduled": "waits for the next try",
    "call.rescheduled": "got another time",
    "call.outcome_reported": "said",
    "call.recording_ready": "the recording is there",
    "call.called_back": "called back",
}


def watch(remote: Remote, call_id: str) -> CallDetail:
    """Show what happened and what happens, until the call has ended; gives how it ended."""
    remote.api.get_call(call_id)
    past = remote.api.list_events(call_id=call_id, take=1000)
    ended = [_tell(remote, event) for event in past.events]
    if not any(ended):
        _follow(remote, call_id, past.next)
    call = remote.api.get_call(call_id)
    _conclude(remote, call)
    return call


def _follow(remote: Remote, call_id: str, place: str) -> None:
    screen = remote.screen
    moving = screen.for_people and screen.console.is_terminal
    # Where nothing moves, not a single control code may stand among what is said.
    with screen.console.status("") if moving else nullcontext() as status:
        for told in remote.api.stream_events(after=place, call_id=call_id):
            if _tell(remote, told.event):
                return
            if status is not None:
                status.update(Text(f"{told.event.status or ''} …", "dim"))


def _tell(remote: Remote, event: EventPayload) -> bool:
    """One line; whether the call ends with it."""
    remote.screen.event(event)
    if event.type not in ENDINGS:
        remote.screen.say(line(event))
    return event.type in ENDINGS


def line(event: EventPayload) -> Text:
    """What happened, on one line."""
    found = Text.assemble(
        (f"{clock(event.time)}  ", "dim"), _WORDS.get(event.type, event.type.partition(".")[2])
    )
    extra = _extra(event)
    return found.append(f": {extra}", "dim") if extra else found


def _extra(event: EventPayload) -> str:
    data = event.data
    if event.type in ("call.queued", "call.retry_scheduled"):
        until = data.get("until")
        since = f"until {when(datetime.fromisoformat(until))}" if until else "for its turn"
        return f"{since} ({data.get('reason')})"
    if event.type == "call.attempt_ended":
        told = [str(data.get("carrierStatus") or ""), length(event.duration_seconds)]
        return ", ".join(filter(None, told))
    if event.type == "call.dialing" and event.attempt:
        return f"attempt {event.attempt}"
    return str(data.get("reported") or data.get("notBefore") or "")


def _conclude(remote: Remote, call: CallDetail) -> None:
    if remote.screen.json:
        remote.screen.event(call)
    elif remote.screen.quiet:
        remote.screen.write(call.outcome or call.status)
    else:
        tries = "1 attempt" if call.attempt_count == 1 else f"{call.attempt_count} attempts"
        lasted = f", {length(call.duration_seconds)}" if call.duration_seconds else ""
        end = standing(call.status, call.outcome)
        end.stylize("bold")
        remote.screen.say(
            end.append(f": {call.detail or call.reason} ({tries}{lasted})", "not bold")
        )
