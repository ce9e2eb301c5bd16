"""Scripts as TwiML: one document from a node to the next question."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from twilio.twiml.voice_response import Gather

from policy.compliance.disclosures import Preamble
from policy.pathways.answers import ONWARD
from policy.pathways.pathway import render_text
from policy.pathways.script import MOST_REPLAYS, USUAL_MESSAGE
from telephony.events import CallbackUrls
from telephony.twiml.verbs import (
    BEGINNING,
    Passage,
    Rendered,
    dial,
    gather_url,
    new_response,
    printable,
    say_and_listen,
    transfer_url,
)

JsonObject = Mapping[str, Any]

#: Kinds that end a document: what follows is another one.
_LEAVES = frozenset({"gather", "take_message"})
_GATHER_INPUTS = {"digits": "dtmf", "speech": "speech"}


class Script:
    """One walk through a script, from a node to the next gather or the end.

    Where the opt-out is offered, what comes before the first question is said inside it, so that
    the key works from the first word on.

    `is_confirmed`: it is known that a person listens. A private node is not rendered without, and
    what comes before it ends with a hang-up.
    """

    def __init__(
        self,
        definition: JsonObject,
        context: JsonObject,
        urls: CallbackUrls,
        preamble: Preamble,
        passage: Passage = BEGINNING,
        *,
        is_confirmed: bool = False,
        promised: Mapping[str, bool] | None = None,
    ) -> None:
        """`promised`: which nodes' promises were made, and which refused; None: any would be."""
        self._nodes: Mapping[str, JsonObject] = definition["nodes"]
        self._context = context
        self._urls = urls
        self._preamble = preamble
        self._passage = passage
        self._is_confirmed = is_confirmed
        self._promised = promised
        self._response = new_response()
        self._said: list[str] = [preamble.text]
        self._start = ""
        self._outcome: str | None = None
        self._withheld: str | None = None
        self._verbs: Mapping[str, Callable[[str, JsonObject], None]] = {
            "say": self._say,
            "gather": self._gather,
            "outcome": self._report,
            "transfer": self._transfer,
            "take_message": self._take_message,
            "hang_up": self._hang_up,
        }

    def render(self, start: str) -> Rendered:
        """The document from a node on, up to the next question or the end."""
        self._start = start
        walked: list[str] = []
        here = start
        # Hangs up at a second visit, as a circle without a gather would never end, and at a
        # node that an edit of the pathway took away during the call.
        while here in self._nodes and here not in walked:
            step = self._nodes[here]
            if step.get("private") and not self._is_confirmed:
                self._withheld = here
                break
            walked.append(here)
            if step["kind"] == "call_back":
                if self._promised is not None and here not in self._promised:
                    return Rendered("", nodes=tuple(walked), asks=here)
                here = step["next" if (self._promised or {}).get(here, True) else "otherwise"]
                continue
            self._verbs[step["kind"]](here, step)
            if step["kind"] in _LEAVES or "target" in step:
                return self._rendered(walked)
            here = step.get("next", "")
        self._speak(start)
        self._response.hangup()
        return self._rendered(walked)

    def _rendered(self, walked: Sequence[str]) -> Rendered:
        return Rendered(str(self._response), self._outcome, tuple(walked), self._withheld)

    def _text(self, step: JsonObject) -> str:
        return render_text(step["text"], self._context)

    def _say(self, name: str, step: JsonObject) -> None:
        self._said.append(self._text(step))

    def _speak(self, onward: str) -> None:
        """Say what was to be said so far, before something that is no question.

        Another key than the opt-out's cuts it short, so after that it is said from the beginning,
        but not for ever: whoever goes on pressing keys wants to hear no more of it.
        """
        said = self._said if self._passage.replays <= MOST_REPLAYS else []
        say_and_listen(self._response, said, self._urls, onward, self._preamble, self._passage)
        self._said = []

    def _gather(self, name: str, step: JsonObject) -> None:
        if not self._preamble.offers_opt_out:
            self._speak(name)
        url = gather_url(self._urls, name, self._passage)
        listening = _listening(step, by_key=self._preamble.offers_opt_out)
        gather: Any = Gather(action=url, **listening)  # type: ignore[no-untyped-call]
        if step.get("text"):
            self._said.append(self._text(step))
        for text in filter(None, self._said):
            gather.say(printable(text))
        self._response.append(gather)
        # Silence falls through to here and comes back with neither digits nor speech.
        self._response.redirect(url)

    def _report(self, name: str, step: JsonObject) -> None:
        self._outcome = step["outcome"]

    def _transfer(self, name: str, step: JsonObject) -> None:
        self._speak(self._start)
        if "target" in step:
            # Asked for anew once all is said: from then on the callee waits.
            self._response.redirect(transfer_url(self._urls, name, self._passage))
        else:
            self._response.append(dial(step["to"]))

    def _take_message(self, name: str, step: JsonObject) -> None:
        """What is said after the tone; a recording of the whole call takes its place."""
        if step.get("text"):
            self._say(name, step)
        self._speak(self._start)
        url = gather_url(self._urls, ONWARD + step["next"], self._passage)
        self._response.record(
            action=url,
            max_length=step.get("maxSeconds", USUAL_MESSAGE),
            play_beep=True,
            finish_on_key="#",
            recording_status_callback=self._urls.recording,
        )
        # Silence falls through to here.
        self._response.redirect(url)

    def _hang_up(self, name: str, step: JsonObject) -> None:
        if step.get("text"):
            self._say(name, step)


def _listening(step: JsonObject, *, by_key: bool) -> dict[str, Any]:
    """The attributes of a Gather that say what to wait for; `by_key`: for the opt-out's key, too.

    One that asks for words alone would not hear the key.
    """
    inputs: Sequence[str] = step.get("input") or list(_GATHER_INPUTS)
    if by_key and "digits" not in inputs:
        inputs = ["digits", *inputs]
    attributes: dict[str, Any] = {
        "input": " ".join(_GATHER_INPUTS[name] for name in inputs),
        "timeout": step.get("timeout"),
    }
    if "digits" in inputs:
        attributes |= _keypad(step, 1 if by_key else None)
    if "speech" in inputs:
        attributes |= {"speech_timeout": "auto", "hints": ", ".join(_phrases(step)) or None}
    return attributes


def _keypad(step: JsonObject, at_least: int | None) -> dict[str, Any]:
    keys = [branch["digits"] for branch in step["branches"] if branch.get("digits")]
    return {
        # The longest branch is enough: nobody should have to press # to be heard.
        "num_digits": step.get("numDigits") or max(map(len, keys), default=at_least),
        # A # that is an answer must not end the input instead.
        "finish_on_key": "" if any("#" in key for key in keys) else None,
    }


def _phrases(step: JsonObject) -> list[str]:
    return [printable(said) for branch in step["branches"] for said in branch.get("speech", [])]
