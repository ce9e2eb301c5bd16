"""What a page says of a rehearsal in words."""

from collections.abc import Mapping

from api.accounts.rehearsal_schemas import QuestionView, RehearsalView, TurnView
from policy.model.purposes import Notice
from telephony.twiml.rehearsal import Ending, HeardAs

NOTICES: Mapping[Notice, str] = {
    Notice.IDENTITY: "who calls",
    Notice.AI: "that an AI speaks",
    Notice.CALLBACK_NUMBER: "where we are reached",
    Notice.RECORDING: "that the call is recorded",
    Notice.OPT_OUT: "how to opt out",
}
_ENDINGS: Mapping[Ending, str] = {
    Ending.HUNG_UP: "We hang up.",
    Ending.CALLEE_HUNG_UP: "The callee has hung up.",
    Ending.TRANSFERRED: "The call ends with the transfer.",
    Ending.CONNECTED: "Your AI agent goes on from here; what it says is not known here.",
    Ending.HANDED_OVER: "Somebody else's TwiML goes on from here; it was not asked.",
    Ending.LEFT_TO_MACHINE: "We hang up on the machine.",
    Ending.WITHHELD: "We hang up before what is private: nobody is known to be a person.",
}
_KINDS = {"digits": "keys", "speech": "speech"}


def did(turn: TurnView) -> str:
    """What the callee did, as the carrier took it."""
    if turn.heard_as is HeardAs.DIGITS:
        pressed = (turn.step or "").strip()
        rest = f" (of {pressed}, the rest is not asked for)" if pressed != turn.heard else ""
        return f"Presses {turn.heard}{rest}"
    if turn.heard_as is HeardAs.SPEECH:
        return f"Says “{turn.heard}”"
    if turn.heard_as is HeardAs.NOTHING:
        return "Says nothing" if turn.step == "silence" else f"{_tried(turn.step)}: not heard"
    if turn.heard_as is HeardAs.HANG_UP:
        return "Hangs up"
    if turn.heard_as is HeardAs.MACHINE:
        return "A machine answers"
    if turn.heard_as is HeardAs.TRANSFER_OVER:
        return "The other side of the transfer has hung up"
    if turn.heard_as is HeardAs.TRANSFER_MISSED:
        return "Nobody is reached"
    if turn.heard_as is HeardAs.MESSAGE:
        return f"Leaves the message “{turn.heard}”" if turn.heard else "May leave a message"
    return "Answers"


def _tried(step: str | None) -> str:
    if step and step.startswith("say:"):
        return f"Says “{step.removeprefix('say:')}”"
    return f"Presses {step}"


def wanted(question: QuestionView) -> str:
    """What is listened for, and how long."""
    kinds = " or ".join(_KINDS[one] for one in question.listens_for)
    return f"Waits {question.timeout} s for {kinds}."


def ended(found: RehearsalView) -> str:
    """How it ended."""
    return _ENDINGS[found.ending] if found.ending else ""
