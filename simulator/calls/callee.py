"""The person or machine at the other end of an answered call."""

from dataclasses import dataclass

from simulator.state.scripts import Answer

DEFAULT_TALK = 5.0


@dataclass(frozen=True)
class Input:
    """What the callee gives at one Gather; at most one of the two is set."""

    digits: str = ""
    speech: str = ""


class CalleeInputs:
    """Scripted input: a string is given at every Gather, a list is used up in order."""

    def __init__(self, answer: Answer) -> None:
        self._digits = _Supply(answer.digits)
        self._speech = _Supply(answer.speech)

    def at_gather(self, kinds: set[str]) -> Input:
        """The input at a Gather that accepts `kinds` (dtmf, speech); blank if none."""
        if "dtmf" in kinds and (digits := self._digits.take()):
            return Input(digits=digits)
        if "speech" in kinds:
            return Input(speech=self._speech.take())
        return Input()


class _Supply:
    def __init__(self, scripted: str | list[str]) -> None:
        self._always = scripted if isinstance(scripted, str) else ""
        self._left = list(scripted) if isinstance(scripted, list) else []

    def take(self) -> str:
        return self._left.pop(0) if self._left else self._always


def talk_seconds(answer: Answer) -> float:
    """How long the callee talks once connected to somebody (simulated seconds)."""
    return DEFAULT_TALK if answer.talk is None else answer.talk


@dataclass(frozen=True)
class Verdict:
    """Answering machine detection; after: simulated seconds from the answer."""

    answered_by: str
    after: float


HUMAN_AFTER = 1.0
MACHINE_START_AFTER = 2.0
FAX_AFTER = 2.0
UNKNOWN_AFTER = 4.0


def detect(answer: Answer, mode: str, timeout: float) -> Verdict:
    """The verdict of MachineDetection `mode` (Enable, DetectMessageEnd) within its timeout."""
    at_end = mode == "DetectMessageEnd"
    verdicts = {
        "human": Verdict("human", HUMAN_AFTER),
        "fax": Verdict("fax", FAX_AFTER),
        "unknown": Verdict("unknown", UNKNOWN_AFTER),
        "machine": Verdict("machine_end_beep", answer.greeting)
        if at_end
        else Verdict("machine_start", MACHINE_START_AFTER),
    }
    verdict = verdicts[answer.by]
    return verdict if verdict.after <= timeout else Verdict("unknown", timeout)
