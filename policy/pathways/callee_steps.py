"""What a callee does in a rehearsal, a text each: `1`, `say:yes`, `silence`, `hang_up`, `machine`.

What a transfer's target does is a step, too: `reached`, which it is without one, or `unreached`.

- keys: up to 20 of `0-9`, `*` and `#`
- `say:` and up to 500 characters
- `silence`: nothing is pressed or said until the question gives up
- `hang_up`
- `machine`: an answering machine has answered; the first step, or none
- `reached`, `unreached`: at a transfer to a target; anywhere else it is silence
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy.model.call import Refusal
from policy.model.reasons import RefusalCode

MOST_STEPS = 50
LONGEST_SPEECH = 500
#: One step, as the description of the API says it, too.
STEP_PATTERN = (
    rf"^\s*(?:([0-9*#]{{1,20}})|say:(.{{1,{LONGEST_SPEECH}}})"
    r"|(silence|hang_up|machine|reached|unreached))\s*$"
)
_STEP = re.compile(STEP_PATTERN)


class StepKind(StrEnum):
    KEYS = "keys"
    SPEECH = "speech"
    SILENCE = "silence"
    HANG_UP = "hang_up"
    MACHINE = "machine"
    REACHED = "reached"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class CalleeStep:
    """`text`: the keys, or what is said; "" of the others."""

    kind: StepKind
    text: str = ""


def read_steps(texts: Sequence[str]) -> tuple[list[CalleeStep], list[Refusal]]:
    """The steps, and what is wrong with each text that is none; `steps.2` is the third."""
    found = [_read(number, text) for number, text in enumerate(texts)]
    refused = [one for one in found if isinstance(one, Refusal)]
    if len(texts) > MOST_STEPS:
        refused.append(Refusal(RefusalCode.TOO_LONG, "steps", f"At most {MOST_STEPS} steps."))
    return [one for one in found if isinstance(one, CalleeStep)], refused


def _read(number: int, text: str) -> CalleeStep | Refusal:
    field = f"steps.{number}"
    found = _STEP.match(text)
    if found is None or (found[2] and not found[2].strip()):
        message = (
            "Keys such as 1, say:yes, silence, hang_up, machine as the first, or unreached where"
            " somebody is put through."
        )
        return Refusal(RefusalCode.MALFORMED, field, message)
    if found[1]:
        return CalleeStep(StepKind.KEYS, found[1])
    if found[2]:
        return CalleeStep(StepKind.SPEECH, found[2].strip())
    if found[3] == StepKind.MACHINE and number:
        message = "A machine answers at the beginning, or never."
        return Refusal(RefusalCode.MALFORMED, field, message)
    return CalleeStep(StepKind(found[3]))
