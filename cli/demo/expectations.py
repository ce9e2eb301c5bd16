"""What each simulated callee dictates; the simulator's README has the same table from its side.

The demo's agent tries three times in all and leaves a message on a machine.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """How a call to such a number must end, and what its callee does."""

    outcome: str
    callee: str


ANYBODY = Expected("confirmed", "presses 1")

#: Last two digits of a fictional number (555-01xx) -> what must come of a call to it.
BY_NUMBER: dict[str, Expected] = {
    "60": Expected("busy", "always busy"),
    "61": Expected("confirmed", "busy once, then presses 1"),
    "62": Expected("no_answer", "never answers"),
    "63": Expected("confirmed", "answers the second time"),
    "64": Expected("voicemail", "a machine answers"),
    "65": Expected("voicemail", "a machine answers first"),
    "66": Expected("failed", "the network always fails"),
    "67": Expected("confirmed", "the network fails once"),
    "68": Expected("invalid", "the number does not exist"),
    "69": Expected("declined", "presses 2"),
    "70": Expected("opted_out", "presses 9"),
    "71": Expected("confirmed", "says yes"),
    "72": Expected("hung_up_early", "hangs up at once"),
    "73": Expected("completed", "gives no answer to the question"),
    "74": Expected("confirmed", "presses 1; the create request got a 500"),
    "75": Expected("confirmed", "presses 1; the create request got no answer"),
    "76": Expected("failed", "the carrier may not call there"),
    "77": Expected("confirmed", "presses 1, then stays on the line"),
}
_FICTIONAL = re.compile(r"01(\d\d)$")


def expected_of(phone: str) -> Expected:
    """What must come of a call to this number."""
    match = _FICTIONAL.search(phone)
    return BY_NUMBER.get(match[1], ANYBODY) if match else ANYBODY
