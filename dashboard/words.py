"""What pages say in words. Plain values in, a sentence or a word out."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from policy.campaigns import goals
from policy.model.call import CallStatus, DecisionKind, Outcome, WaitingFor

#: The answer to an action, by the code that the redirect after it carries.
SAID: Mapping[str, str] = {
    "canceled": "The call is canceled.",
    "cancel_later": "The call will be canceled as soon as its workflow can be reached.",
    "canceling": "The phone rings. The call is being canceled, and ends with the ringing.",
    "told_again": "The webhook is told once more, under the same id.",
    "removed": "The calls will not be made.",
    "not_removed": "Done, but for these, which could not be canceled any more:",
    "scheduled": "The call is scheduled.",
    "promised": "The call comes back then, or as soon as it may be made.",
    "rescheduled": "The call has a new time.",
    "hung_up": "The call is being hung up. It ends when the carrier confirms it.",
    "suppressed": "The number is on the do-not-call list. No waiting call had to be stopped.",
    "suppressed_stopped": "The number is on the do-not-call list. These waiting calls are stopped:",
    "review_opted_out": "The number is on the do-not-call list, and calls that waited are stopped.",
    "review_dismissed": "It was nothing of the kind: calls to the number go on.",
    "consent_recorded": "The consent is on record.",
    "consent_revoked": "The consent is taken back. It stays on record.",
    "rule_added": "The rule is in force. Calls that it moves are told now.",
    "rule_ended": "The rule is no longer in force. It stays on record.",
    "waiver_added": "The rule is waived, on record. Calls that it moves are told now.",
    "acknowledged": "It is on record. Calls that waited for it decide again now.",
    "acknowledgement_withdrawn": "It is withdrawn, and stays on record.",
    "waiver_ended": "The rule holds again. Calls that it moves are told now.",
    "webhook_changed": "The webhook is changed.",
    "webhook_enabled": "It is told again, also of what it has missed.",
    "webhook_disabled": "Nothing is sent to it until it is enabled.",
    "webhook_deleted": "The webhook is deleted, and its deliveries with it.",
    "webhook_tested": "A test was sent. What came of it stands below.",
    "replayed": "It is sent once more, under the same id.",
    "replayed_failed": "What was given up is sent once more, under the same ids.",
    "lifted": "The entry was taken back. New calls to the number may be made again.",
    "paused": "The campaign is paused. Calls in flight go on to their end.",
    "resumed": "The campaign goes on.",
    "loaded": "The file was loaded. What became of its rows stands below.",
    "campaign_started": "The campaign has started.",
    "campaign_canceled": "The campaign is canceled. Whoever is on the line is not cut off.",
    "campaign_changed": "The campaign is changed.",
    "campaign_deleted": "The draft is deleted.",
    "mended": "What was mended is good now. What is still wrong is marked.",
    "not_mended_rows": "Nothing is good yet. What is wrong stands beside each row.",
    "rejected_forgotten": "The rejected rows are forgotten.",
    "redial": "A draft with those to be called again. Nobody is called before you start it.",
    "pathway_saved": "The pathway is saved. Calls that wait use it as it is now.",
    "pathway_deleted": "The pathway is deleted.",
    "target_saved": "The target is saved. Whoever is put through next is by it.",
    "target_deleted": "The target is deleted. Scripts go on as if nobody were reached.",
    "agent_saved": "The agent is saved. Waiting calls that it moves decide again.",
    "agent_enabled": "The agent may call again.",
    "agent_disabled": "The agent is disabled. Its calls wait until it is enabled.",
    "agent_deleted": "The agent is deleted. Its waiting calls are canceled.",
    "probing": "The next call in line tries at once whether the carrier takes it.",
    "account_changed": "The account is changed.",
    "key_revoked": "The key is revoked. It opens nothing any more.",
    "role_changed": "The role is changed. With another one their sessions have ended.",
    "person_signed_out": "They are signed out everywhere.",
    "person_deleted": "They are deleted, and signed out everywhere.",
    "signed_out_everywhere": "You are signed out everywhere.",
    "person_disabled": "They are kept out, and signed out everywhere.",
    "person_enabled": "They may come in again.",
    "password_changed": "The password is changed. Wherever else you were, you are signed out.",
    "sign_on_set": "Single sign-on is set. Try it in another browser before you close this one.",
    "sign_on_removed": "Single sign-on is removed. People sign in with passwords.",
    "carrier_added": "The account is added. Import its numbers next.",
    "carrier_changed": "The account dials from these numbers from the next dial on.",
    "sent_waiting": "What waited is tried now.",
    "carrier_default": "It is settled who dials from all other numbers.",
    "carrier_disabled": "It dials nobody. Calls that waited for it move to other numbers, or wait.",
    "carrier_enabled": "It dials again.",
    "carrier_deleted": "The account is deleted, and its token forgotten.",
    "token_rotated": "Requests go out with the new token.",
    "number_returned": "The number is tried again, with some of its people.",
    "numbers_imported": "The carrier's list is imported.",
    "zone": "Times are shown in your zone from now on.",
    "signed_out": "You are signed out.",
}
_STATUS_WORDS = {CallStatus.IN_PROGRESS: "In progress"}
_GOALS = {
    WaitingFor.WINDOW: "Waits for its window",
    WaitingFor.RETRY: "Waits to try again",
}
_DID = {
    DecisionKind.WAIT: "Wait",
    DecisionKind.QUEUE: "Wait for a free slot",
    DecisionKind.DIAL: "Dial",
    DecisionKind.END: "End",
}


def spoken(code: object) -> str:
    """`no_answer` as `no answer`, `InProgress` as `In progress`."""
    if isinstance(code, CallStatus):
        return _STATUS_WORDS.get(code, code.value)
    return str(code).replace("_", " ")


def what_counts(said: str) -> str:
    """What a form says that is counted, `confirmed,transferred:sales`, as people say it."""
    return goals.spoken(*goals.parted(one for one in said.split(",") if one))


def sentence(text: str | None) -> str:
    """With its capital and its full stop."""
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def instant(at: datetime, zone: tzinfo, now: datetime) -> str:
    """`Tue 24 Nov, 10:00:05`; with the year unless it is this one. A page says the zone once."""
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    seconds = f":{local:%S}" if local.second else ""
    return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}{seconds}"


def span(seconds: float | None) -> str:
    """`3 min 20 s`: the two largest units."""
    if seconds is None:
        return ""
    left, parts = int(abs(seconds)), []
    for name, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


def distance(at: datetime, now: datetime) -> str:
    """`in 3 h 12 min`, `2 d ago`, `now`."""
    ahead = (at - now).total_seconds()
    if abs(ahead) < 1:
        return "now"
    return f"in {span(ahead)}" if ahead > 0 else f"{span(ahead)} ago"


def waiting(call: Any, zone: tzinfo, now: datetime) -> str:
    """What a call waits for, or how it ended, in one sentence."""
    if call.status.is_final:
        silent = call.outcome is Outcome.VOICEMAIL and call.message_left is False
        return f"Ended: {spoken(call.outcome)}{', no message left' if silent else ''}."
    if call.cancel_requested:
        return "Will be canceled as soon as its workflow can be reached."
    if call.status is CallStatus.CREATED:
        return _of_new(call, zone, now)
    if call.status is CallStatus.PENDING:
        return "Has a slot and is about to be dialed."
    if call.status is CallStatus.IN_PROGRESS:
        return _of_live(call, now)
    return _of_queued(call, zone, now)


def _of_new(call: Any, zone: tzinfo, now: datetime) -> str:
    if call.next_attempt_at is None:
        return "Accepted; it is about to be looked at for the first time."
    return f"Accepted; it rests {_until(call.next_attempt_at, zone, now)}."


def _of_live(call: Any, now: datetime) -> str:
    attempts = getattr(call, "attempts", None)
    if not attempts:
        return "Ringing or connected."
    answered = attempts[-1].answered_at
    if answered is None:
        return "It rings."
    return f"Connected for {span((now - answered).total_seconds())}."


def _of_queued(call: Any, zone: tzinfo, now: datetime) -> str:
    if call.waiting_for is WaitingFor.SLOT:
        return _of_slot(call, zone, now)
    until = call.next_attempt_at
    goal = _GOALS.get(call.waiting_for, "Waits")
    if until is None:
        return f"{goal}; when is not known yet."
    if until <= now:
        return f"{goal}; the time has come."
    return f"{goal} {_until(until, zone, now)}."


def _of_slot(call: Any, zone: tzinfo, now: datetime) -> str:
    position = getattr(call, "position", None)
    start = getattr(call, "expected_start", None)
    when = f"; should start at {instant(start, zone, now)}" if start else ""
    return f"Place {position} in line{when}." if position else "Waits for a free slot."


def _until(at: datetime, zone: tzinfo, now: datetime) -> str:
    away = f" ({distance(at, now)})" if at > now else ""
    return f"until {instant(at, zone, now)}{away}"


def decided(one: Any, zone: tzinfo, now: datetime) -> str:
    """A decision: what the call was to do."""
    if one.kind is DecisionKind.DIAL:
        return f"Dial, attempt {one.attempt_number}"
    if one.kind is DecisionKind.END:
        return f"End as {spoken(one.outcome)}"
    until = f" until {instant(one.until, zone, now)}" if one.until else ""
    return _DID[one.kind] + until


def ended_how(attempt: Any) -> str:
    """How a dial ended, or where it stands."""
    said = spoken(attempt.result or attempt.state)
    if attempt.person_at is not None:
        return f"{said} by a person"
    return f"{said} by {spoken(attempt.answered_by)}" if attempt.answered_by else said


#: Which of five colours something has; none of them is the only sign of what it says.
_TONES: Mapping[str, str] = {
    **dict.fromkeys(
        ("Completed", "completed", "confirmed", "Running", "delivered", "kept"), "good"
    ),
    **dict.fromkeys(("InProgress", "Pending", "open"), "live"),
    **dict.fromkeys(
        ("Failed", "failed", "invalid", "unknown", "busy", "no_answer", "missed"), "bad"
    ),
    **dict.fromkeys(("Paused", "voicemail", "declined", "opted_out", "hung_up_early"), "warn"),
}


def tone(code: object) -> str:
    return _TONES.get(str(code), "calm")


#: What a priority means, from the highest down: from which on, the name, for what.
PRIORITIES: tuple[tuple[int, str, str], ...] = (
    (10, "Emergency", "before everything else"),
    (8, "High", "appointments, important customers"),
    (6, "Above normal", "follow-ups"),
    (5, "Normal", "what most calls have"),
    (3, "Low", "surveys, lists"),
    (0, "Lowest", "whenever there is room"),
)


def priority(value: int) -> str:
    """`8, high: appointments, important customers`."""
    name, use = next((name, use) for least, name, use in PRIORITIES if value >= least)
    return f"{value}, {name.lower()}: {use}"


def money(micro: int | None, currency: str) -> str:
    """Micro-units as `$0.0215` or `0.0215 EUR`; nothing for None."""
    if micro is None:
        return ""
    amount = micro / 1_000_000
    text = f"{amount:,.2f}" if amount >= 1 or not amount else f"{amount:.4f}"
    return f"${text}" if currency == "USD" else f"{text} {currency}"


def percent(share: float | None) -> str:
    """`36.4 %`; a dash where there is nothing to take a share of."""
    return "–" if share is None else f"{100 * share:.1f}".removesuffix(".0") + " %"


def size(number: int) -> str:
    """With a narrow space between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def pace(per_minute: float) -> str:
    return f"{per_minute:.1f}".removesuffix(".0")
