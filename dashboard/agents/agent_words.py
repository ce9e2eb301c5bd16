"""What pages say of an agent in words."""

from collections.abc import Mapping
from typing import Any

from dashboard.week_words import business_hours as business_hours
from dashboard.week_words import seconds
from dashboard.words import span

NOTICES: Mapping[str, str] = {
    "identity": "who calls",
    "ai": "that an AI speaks",
    "callback_number": "where one is reached",
    "recording": "that the call is recorded",
    "opt_out": "how to opt out",
}
_MACHINES = {
    "leave_message": "it is left a message",
    "hang_up": "we hang up",
    "retry_later": "we try again later",
}
_CALLED_BACK = {
    "keep": "goes on waiting",
    "pause": "is paused",
    "complete": "ends as completed",
}


def limits(agent: Any) -> str:
    """`5 at once, 60 a minute`; nothing without limits of its own."""
    said = [
        f"{agent.max_concurrent} at once" if agent.max_concurrent else "",
        f"{agent.calls_per_minute} a minute" if agent.calls_per_minute else "",
    ]
    return ", ".join(filter(None, said))


def machine(agent: Any) -> str:
    """What becomes of a machine that answers."""
    spec = agent.voicemail or {}
    return _MACHINES.get(spec.get("action") or "", "nobody listens for machines")


def retries(agent: Any) -> str:
    """`at most 3 tries; after no answer 24 h later`; as policy has it where nothing is said."""
    spec = agent.retry or {}
    said = [f"at most {spec.get('maxAttempts', 3)} tries"]
    names = (("noAnswer", "no answer"), ("busy", "busy"), ("networkError", "a network error"))
    said += [
        f"after {word} {span(seconds(spec[name]))} later" for name, word in names if spec.get(name)
    ]
    return "; ".join(said)


def clearances(agent: Any) -> list[str]:
    """What must be known of a number when it is dialed."""
    return [_clearance(one) for one in agent.clearances or ()]


def _clearance(one: Mapping[str, Any]) -> str:
    age = f"as of {span(seconds(one['maxAge']))} ago at most"
    if one["check"] == "list":
        return f"that it is not in {one['list']}, {age}"
    if one["check"] == "reassigned":
        return f"that it was not given to somebody else, {age}"
    refused = ", ".join(one.get("refuse") or ())
    return f"the type of its line, {age}" + (f"; not called: {refused}" if refused else "")


def called_back(agent: Any) -> str:
    """What becomes of a waiting call when its recipient calls back."""
    spec = agent.inbound or {}
    return f"a call that waits for them {_CALLED_BACK[spec.get('waitingCall') or 'keep']}"
