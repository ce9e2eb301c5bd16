"""A pathway walked as a callee would: the documents of a call, with somebody who answers them.

Nothing is interpreted here that a call does not go by: `documents` render each document, `playback`
reads it as a carrier would, and `policy.pathways.answers` says where an answer leads. Pure.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from policy.calls.person_evidence import proves_person
from policy.compliance.disclosures import Identity, preamble
from policy.model.call import Outcome
from policy.model.purposes import Notice
from policy.pathways.answers import Answer, answer_of
from policy.pathways.callee_steps import CalleeStep, StepKind
from policy.pathways.pathway import takes_opt_out_key
from telephony.events import CallbackUrls
from telephony.twiml import documents, playback
from telephony.twiml.playback import (
    Connection,
    HangUp,
    Listen,
    Message,
    Place,
    Redirect,
    Say,
    Transfer,
    TransferAsked,
)
from telephony.twiml.verbs import BEGINNING, Passage

_CALL_ID = "rehearsal"
_URLS = CallbackUrls(
    *(f"/{name}" for name in ("voice", "gather", "status", "amd", "recording", "transfer"))
)


class Ending(StrEnum):
    """How a rehearsal ends."""

    HUNG_UP = "hung_up"
    CALLEE_HUNG_UP = "callee_hung_up"
    TRANSFERRED = "transferred"
    #: To an AI agent, or to somebody else's TwiML: what comes then is not ours.
    CONNECTED = "connected"
    HANDED_OVER = "handed_over"
    LEFT_TO_MACHINE = "left_to_machine"
    #: Before a private node, as nobody was known to be a person.
    WITHHELD = "withheld"


class HeardAs(StrEnum):
    """What the carrier makes of a step."""

    DIGITS = "digits"
    SPEECH = "speech"
    NOTHING = "nothing"
    HANG_UP = "hang_up"
    MACHINE = "machine"
    #: The other side of a transfer has hung up, and the script goes on.
    TRANSFER_OVER = "transfer_over"
    #: Nobody was reached at a transfer's target.
    TRANSFER_MISSED = "transfer_missed"
    #: What is said after the tone.
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Question:
    """What is waited for: a gather node, what it listens for and for how many seconds."""

    node: str
    inputs: tuple[str, ...]
    timeout: int


@dataclass(slots=True)
class Turn:
    """What a step led to. The first turn has none: the call was answered.

    `heard` is what the carrier passes on of the step. `nodes` were walked in this order.
    """

    step: CalleeStep | None = None
    heard_as: HeardAs | None = None
    heard: str = ""
    nodes: tuple[str, ...] = ()
    said: list[str] = field(default_factory=list)
    transferred_to: str | None = None
    connected_to: str | None = None
    outcome: Outcome | None = None
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class WarmWords:
    """What a callee hears of a warm target: while they wait, and as it comes to them."""

    hold: str
    introduction: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """What is rehearsed, and for whom: all that a call would take from its agent and its row.

    `message` is what a machine is told; "": nothing. `detects_machines`: somebody listens for
    them at all. `warm`: the warm targets, by their names.
    """

    kind: str
    definition: Mapping[str, Any]
    context: Mapping[str, Any]
    identity: Identity = field(default_factory=Identity)
    notices: tuple[Notice, ...] = ()
    detects_machines: bool = False
    message: str = ""
    warm: Mapping[str, WarmWords] = field(default_factory=dict)


@dataclass(slots=True)
class Rehearsal:
    """`ending` is None while a question waits for a step. `outcome`: what a call would end as,
    None while it may end in several ways. `unused` steps came after the end.
    """

    turns: list[Turn] = field(default_factory=list)
    ending: Ending | None = None
    outcome: Outcome | None = None
    unused: list[CalleeStep] = field(default_factory=list)


def rehearse(stage: Stage, steps: Sequence[CalleeStep]) -> Rehearsal:
    """Walks a pathway that was checked, as far as the steps lead."""
    walk = _Walk(stage, steps)
    walk.go()
    walk.found.unused = list(walk.steps)
    return walk.found


class _Walk:
    def __init__(self, stage: Stage, steps: Sequence[CalleeStep]) -> None:
        self.stage = stage
        self.steps = deque(steps)
        self.found = Rehearsal()
        self._reported: Outcome | None = None
        self._withheld = False
        #: Where machines are listened for, whoever answers is found to be a person.
        self._is_person = stage.detects_machines
        self._by_key = takes_opt_out_key(
            stage.kind, stage.definition, announced=Notice.OPT_OUT in stage.notices
        )

    @property
    def _turn(self) -> Turn:
        return self.found.turns[-1]

    def go(self) -> None:
        """From the answer on, until a step is lacking or the call is over."""
        self._begin()
        if self._is_left_to_machine():
            return
        onward = self._listen(self._document(None, BEGINNING))
        while onward is not None:
            answer, passage = onward
            if answer.asks_out and not answer.in_its_words:
                return self._say_goodbye()
            if answer.onward is None or passage.is_last:
                return self._end(Ending.HUNG_UP)
            onward = self._listen(self._document(answer.onward, passage))

    def _begin(self, heard_as: HeardAs | None = None, heard: str = "") -> None:
        """A new turn; of the step that is next in line, if it is one's."""
        step = self.steps.popleft() if heard_as and self.steps else None
        self.found.turns.append(Turn(step, heard_as, heard))

    def _is_left_to_machine(self) -> bool:
        if not self.steps or self.steps[0].kind is not StepKind.MACHINE:
            return False
        self.found.turns.clear()
        self._begin(HeardAs.MACHINE)
        if not self.stage.detects_machines:
            return False
        if self.stage.message:
            self._turn.said.append(self.stage.message)
        self._end(Ending.LEFT_TO_MACHINE, Outcome.VOICEMAIL)
        return True

    def _document(self, node: str | None, passage: Passage) -> list[playback.Moment]:
        """What the leg is told from a node on; None: from the answer on."""
        stage = self.stage
        begins = replace(preamble(stage.notices, stage.identity), offers_opt_out=self._by_key)
        rendered = documents.render(
            stage.kind,
            stage.definition,
            stage.context,
            urls=_URLS,
            call_id=_CALL_ID,
            node=node,
            preamble=begins if node is None else replace(begins, text=""),
            passage=passage,
            is_confirmed=self._is_person,
        )
        self._turn.nodes = rendered.nodes
        self._withheld = rendered.withheld is not None
        if rendered.outcome is not None:
            self._reported = self._turn.outcome = Outcome(rendered.outcome)
        return playback.moments(rendered.twiml, _URLS)

    def _listen(self, moments: Sequence[playback.Moment]) -> tuple[Answer, Passage] | None:
        """Through a document, up to what is answered; None: no step is left, or it is over."""
        for moment in moments:
            if isinstance(moment, Say):
                self._hear(moment.text)
            elif isinstance(moment, Listen):
                if not moment.is_aside and not self.steps:
                    self._turn.question = _question(moment)
                    return None
                answered = self._answered(moment)
                if answered or self.found.ending:
                    return answered
            elif isinstance(moment, Redirect) and moment.place is not None:
                # Nothing was heard: what the document falls through to.
                self._begin_silence()
                return self._taken(moment.place, None, None)
            elif isinstance(moment, Transfer):
                self._turn.transferred_to = moment.to
            elif isinstance(moment, TransferAsked):
                return self._put_through(moment.place)
            elif isinstance(moment, Message):
                return self._left_message(moment.place)
            else:
                self._leave(moment)
                return None
        self._end(Ending.HUNG_UP)
        return None

    def _put_through(self, place: Place) -> tuple[Answer, Passage] | None:
        """To a target, which is reached unless the next step says that it is not."""
        node = self.stage.definition["nodes"][place.node]
        self._turn.transferred_to = node["target"]
        words = self.stage.warm.get(node["target"])
        if words is not None:
            self._turn.said.append(words.hold)
        step = self.steps[0] if self.steps else None
        if step is not None and step.kind is StepKind.HANG_UP:
            self._hang_up()
            return None
        is_missed = step is not None and step.kind is StepKind.UNREACHED
        if words is not None and words.introduction and not is_missed:
            self._turn.said.append(words.introduction)
        onward = node["otherwise"] if is_missed else node.get("next")
        if step is not None and step.kind in (StepKind.REACHED, StepKind.UNREACHED):
            self.steps.popleft()
        else:
            step = None
        if onward is None:
            self._end(Ending.TRANSFERRED)
            return None
        heard_as = HeardAs.TRANSFER_MISSED if is_missed else HeardAs.TRANSFER_OVER
        self.found.turns.append(Turn(step, heard_as))
        return Answer(onward, None, asks_out=False, in_its_words=False), place.passage.after(
            place.node
        )

    def _left_message(self, place: Place) -> tuple[Answer, Passage] | None:
        """Whatever is said after the tone; who hangs up meanwhile has ended the call."""
        step = self.steps[0] if self.steps else None
        if step is not None and step.kind is StepKind.HANG_UP:
            self._hang_up()
            return None
        said = step.text if step is not None and step.kind is StepKind.SPEECH else ""
        if said:
            self._begin(HeardAs.MESSAGE, said)
        else:
            self.found.turns.append(Turn(None, HeardAs.MESSAGE))
        return self._taken(place, None, None)

    def _hear(self, text: str) -> None:
        if self._turn.transferred_to is not None:
            self.found.turns.append(Turn(None, HeardAs.TRANSFER_OVER))
        self._turn.said.append(text)

    def _answered(self, moment: Listen) -> tuple[Answer, Passage] | None:
        """What the next step comes to here; None: the document goes on."""
        step = self.steps[0] if self.steps else None
        if step is None or (moment.is_aside and step.kind is not StepKind.KEYS):
            if step is not None and step.kind is StepKind.HANG_UP:
                self._hang_up()
            return None
        if step.kind is StepKind.HANG_UP:
            self._hang_up()
            return None
        if step.kind is StepKind.KEYS and "digits" in moment.inputs:
            digits = moment.pressed(step.text)
            if digits:
                self._begin(HeardAs.DIGITS, digits)
                return self._taken(moment.place, digits, None)
        if step.kind is StepKind.SPEECH and "speech" in moment.inputs:
            self._begin(HeardAs.SPEECH, step.text)
            return self._taken(moment.place, None, step.text)
        return None

    def _begin_silence(self) -> None:
        """Silence, or a step to which nobody listened."""
        self._begin(HeardAs.NOTHING)

    def _taken(
        self, place: Place, digits: str | None, speech: str | None
    ) -> tuple[Answer, Passage]:
        answer = answer_of(self.stage.definition, place.node, digits, speech, by_key=self._by_key)
        is_taken = answer.asks_out or bool(answer.matched)
        self._is_person |= proves_person(digits, speech, is_taken=is_taken, found_machine=False)
        return answer, place.passage.after(place.node)

    def _hang_up(self) -> None:
        self._begin(HeardAs.HANG_UP)
        self._end(Ending.CALLEE_HUNG_UP)

    def _say_goodbye(self) -> None:
        said = documents.say_and_hang_up(self.stage.identity.goodbye)
        self._reported = self._turn.outcome = Outcome.OPTED_OUT
        self._listen(playback.moments(said, _URLS))

    def _leave(self, moment: Redirect | Connection | HangUp) -> None:
        if isinstance(moment, HangUp):
            is_last = self._turn.transferred_to is not None
            hung_up = Ending.WITHHELD if self._withheld else Ending.HUNG_UP
            return self._end(Ending.TRANSFERRED if is_last else hung_up)
        if isinstance(moment, Connection) and moment.greeting:
            self._hear(moment.greeting)
        self._turn.connected_to = moment.url
        connected = isinstance(moment, Connection)
        self.found.ending = Ending.CONNECTED if connected else Ending.HANDED_OVER

    def _end(self, ending: Ending, outcome: Outcome | None = None) -> None:
        self.found.ending = ending
        self.found.outcome = outcome or self._reported or Outcome.COMPLETED


def _question(moment: Listen) -> Question:
    return Question(moment.place.node, moment.inputs, moment.timeout)
