"""What a campaign's goal, variants and steps will do to it, in words; before it is begun."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC

from policy.campaigns.goals import Goal, spoken
from policy.campaigns.splits import Split
from policy.campaigns.steps import BEGIN, StepKind, Steps
from policy.time.best_times import BestTimes

_MICRO = 1_000_000
_KINDS = {
    StepKind.CALL: "call",
    StepKind.TEXT: "text",
    StepKind.WAIT: "wait",
    StepKind.TELL: "event",
}


def outline(
    goal: Goal | None,
    split: Split | None,
    steps: Steps | None,
    best_times: BestTimes | None,
    currency: str,
) -> Sequence[str]:
    """Sentences; none of a campaign that has nothing of the kind."""
    return [
        *(_goal(goal, currency) if goal is not None else ()),
        *(_split(split) if split is not None else ()),
        *(_steps(steps) if steps is not None else ()),
        *([f"{best_times.told}; within what is allowed."] if best_times is not None else ()),
    ]


def _goal(goal: Goal, currency: str) -> Iterator[str]:
    ends = []
    counted = spoken(goal.outcomes, goal.transferred_to)
    if goal.target is not None:
        have = "have " if goal.outcomes else ""
        ends.append(f"{goal.target} of its calls {have}{counted}")
    if goal.quotas:
        ends.append(f"each {goal.variable} has as many of them as it asks for")
    if goal.spend is not None:
        ends.append(f"{goal.spend / _MICRO:,.2f} {currency} are spent")
    if goal.until is not None:
        ends.append(f"it is {goal.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    yield f"It ends as soon as {', or '.join(ends)}; who is left then is not called."
    if goal.quotas:
        wanted = ", ".join(f"{name} {number}" for name, number in goal.quotas.items())
        yield f"By {goal.variable}: {wanted}. Contacts of any other {goal.variable} are not called."


def _split(split: Split) -> Iterator[str]:
    shares = ", ".join(f"{name} {share:.0%}" for name, share in split.shares.items())
    moves = "moves to what does better" if split.learns else "stays as it is"
    yield f"Contacts are split by their numbers: {shares}; that {moves}."
    if any(one.window for one in split.variants):
        yield "Variants with a window of their own are looked at here as if they had none."


def _steps(steps: Steps) -> Iterator[str]:
    kinds = Counter(step.kind for name, step in steps.items() if name != BEGIN)
    counted = ", ".join(_counted(kind, number) for kind, number in sorted(kinds.items()))
    after = ", ".join(f"{result} leads to {name}" for result, name in steps[BEGIN].next.items())
    yield f"Its calls are followed by steps ({counted}): {after}."
    yield "What follows is not among these figures: its calls, its texts, and what they cost."


def _counted(kind: StepKind, number: int) -> str:
    return f"{number} {_KINDS[kind]}{'' if number == 1 else 's'}"
