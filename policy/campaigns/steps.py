"""What follows a campaign's call: another call, a text, a wait, an event for the webhooks.

Steps are a graph without circles: each says by how it ended which one is next, and where nothing is
said it is over. The campaign's first call is the beginning, and has no name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from policy.model.call import Outcome

#: The campaign's own call.
BEGIN = ""
MOST_STEPS = 20
#: Of an edge that is taken however a step has ended, if no other one says so.
ANY = "any"


class StepKind(StrEnum):
    CALL = "call"
    TEXT = "text"
    WAIT = "wait"
    TELL = "tell"


class TextResult(StrEnum):
    """How a text ended. Unknown: nobody knows whether the carrier took it; it is not sent again."""

    SENT = "sent"
    #: The rules, the person's records or the carrier do not allow it.
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


#: What may be said of each kind in `next`.
RESULTS: Mapping[StepKind, frozenset[str]] = {
    StepKind.CALL: frozenset({*(one.value for one in Outcome), ANY}),
    StepKind.TEXT: frozenset({*(one.value for one in TextResult), ANY}),
    StepKind.WAIT: frozenset({ANY}),
    StepKind.TELL: frozenset({ANY}),
}


@dataclass(frozen=True, slots=True)
class Step:
    """`next`: the name of the step that follows, by how this one ended.

    `wait`: of a wait, how long. `text` with `consent`: of a text, what it says and the agreement to
    it that is stated. Agent and pathway: of a call; None: as the campaign has it.
    """

    kind: StepKind
    next: Mapping[str, str] = field(default_factory=dict)
    wait: timedelta = timedelta()
    text: str = ""
    consent: Mapping[str, Any] | None = None
    agent_id: str | None = None
    pathway_id: str | None = None

    def after(self, result: str) -> str | None:
        """The step that follows; None: it is over."""
        return self.next.get(result) or self.next.get(ANY)


class BadSteps(ValueError):
    """`step` is the name of the one that is wrong, `field` what of it."""

    def __init__(self, step: str, field_: str, message: str) -> None:
        super().__init__(message)
        self.step = step
        self.field = field_


Steps = Mapping[str, Step]


def check(steps: Steps) -> None:
    """Every name leads somewhere, every step is reached, and nothing goes round; else BadSteps."""
    for name, step in steps.items():
        for result, following in step.next.items():
            if result not in RESULTS[step.kind]:
                raise BadSteps(name, "next", f"A {step.kind} does not end as {result}.")
            if following not in steps or following == BEGIN:
                raise BadSteps(name, f"next.{result}", f"There is no step {following}.")
        if step.kind in (StepKind.WAIT, StepKind.TELL) and not step.next:
            raise BadSteps(name, "next", f"Nothing follows this {step.kind}.")
    reached = _reached(steps)
    for name in steps:
        if name not in reached:
            raise BadSteps(name, "next", "No step leads here.")


def _reached(steps: Steps) -> frozenset[str]:
    """Every name that can be come to from the beginning. Each step is looked at once."""
    done: set[str] = set()

    def visit(name: str, before: tuple[str, ...]) -> None:
        if name in before:
            raise BadSteps(name, "next", "The steps go round in a circle.")
        if name in done:
            return
        for following in sorted(set(steps[name].next.values())):
            visit(following, (*before, name))
        done.add(name)

    visit(BEGIN, ())
    return frozenset(done)


def next_step(steps: Steps, name: str, result: str) -> str | None:
    """What follows the step of this name after it ended so; None: it is over."""
    step = steps.get(name)
    return None if step is None else step.after(result)
