"""A pathway rehearsed at a terminal: what is heard is printed, and what is typed is the answer."""

import re
from collections.abc import Callable, Iterator, Sequence

import typer

from cli.remote.screen import Screen
from cli.remote.words import standing
from trunkline_client.models import QuestionView, RehearsalView, TurnView

Ask = Callable[[Sequence[str]], RehearsalView]
_WORDS = ("silence", "hang_up", "machine", "reached", "unreached")
_KEYS = re.compile(r"[0-9*#]{1,20}", re.ASCII)
#: A comma in what is said is none between steps.
_BETWEEN = re.compile(
    r",(?=\s*(?:[0-9*#]+\s*(?:,|$)|say:|silence\b|hang_up\b|machine\b|reached\b|unreached\b))"
)
_HELP = "Keys, or what you say. Enter: silence. Also hang_up, unreached, and machine as the first."
_HEARD_AS = {
    "digits": "presses {}",
    "speech": "says “{}”",
    "nothing": "nothing was heard",
    "hang_up": "hangs up",
    "machine": "a machine answers",
    "transfer_over": "the other side has hung up",
    "transfer_missed": "nobody is reached",
    "message": "leaves the message “{}”",
}
_ENDINGS = {
    "hung_up": "We hang up.",
    "callee_hung_up": "The callee has hung up.",
    "transferred": "The call ends with the transfer.",
    "connected": "The AI agent goes on from here.",
    "handed_over": "Somebody else's TwiML goes on from here.",
    "left_to_machine": "The machine is left alone.",
    "withheld": "We hang up before what is private: nobody is known to be a person.",
}


def split_steps(text: str) -> list[str]:
    """`1, say:yes, please,silence` as its three steps."""
    return [one.strip() for one in _BETWEEN.split(text) if one.strip()]


def typed_step(line: str) -> str:
    """A line as a step: what is neither a key nor a word of ours is said."""
    text = line.strip()
    if not text:
        return "silence"
    known = text in _WORDS or text.startswith("say:") or _KEYS.fullmatch(text)
    return text if known else f"say:{text}"


def rehearse(screen: Screen, ask: Ask) -> None:
    """Asks for step after step, until the call is over or the input ends."""
    screen.say(_HELP)
    steps: list[str] = []
    found, shown = ask(steps), 0
    while True:
        shown = show(screen, found, shown)
        if found.question is None:
            return
        try:
            line = typer.prompt(">", default="", show_default=False, prompt_suffix=" ")
        except typer.Abort:
            line = "hang_up"
        steps.append(typed_step(line))
        if steps == ["machine"]:
            shown = 0
        found = ask(steps)


def show(screen: Screen, found: RehearsalView, shown: int = 0) -> int:
    """What is new of a rehearsal; how many of its turns have been shown."""
    if not shown and found.missing_variables:
        names = ", ".join(found.missing_variables)
        screen.say(f"The context lacks {names}: a call without is refused.")
    for number, turn in enumerate(found.turns[shown:], shown):
        for line in _lines(turn, is_first=number == 0):
            screen.say(line)
    if found.question is not None:
        screen.say(f"  waits for {_wanted(found.question)}")
    elif found.ending:
        screen.say(_ENDINGS.get(found.ending, found.ending))
        outcome = found.outcome or "what is reported, else completed"
        screen.say(standing("Completed", f"Outcome: {outcome}"))
    if found.unused_steps:
        screen.say(f"Not needed any more: {', '.join(found.unused_steps)}.")
    return len(found.turns)


def _lines(turn: TurnView, *, is_first: bool) -> Iterator[str]:
    did = _HEARD_AS.get(turn.heard_as or "", "answers").format(turn.heard)
    walked = f"  ({' → '.join(turn.nodes)})" if turn.nodes else ""
    yield f"{'☎' if is_first else '←'} {did}{walked}"
    for text in turn.said:
        yield f"  “{text}”"
    if turn.outcome:
        yield f"  reports {turn.outcome}"
    if turn.transferred_to or turn.connected_to:
        yield f"  is put through to {turn.transferred_to or turn.connected_to}"


def _wanted(question: QuestionView) -> str:
    said = [*question.keys, *(f"“{phrase}”" for phrase in question.phrases)]
    kinds = " or ".join(question.listens_for)
    return f"{kinds}: {', '.join(said) or 'any'}, for {question.timeout} s"
