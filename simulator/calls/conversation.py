"""An answered call: documents are fetched and their verbs performed, in simulated time."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Literal
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from simulator.callbacks.fields import base_fields
from simulator.calls import twiml
from simulator.calls.callee import DEFAULT_TALK, CalleeInputs, Input, talk_seconds
from simulator.calls.conferences import Conferences, SeatEnd, sit
from simulator.calls.dialed import DialedLeg
from simulator.calls.recordings import new_recording
from simulator.calls.twiml import Source, TwimlError
from simulator.services import Services
from simulator.state.ledger import CallRecord, iso
from simulator.state.scripts import Answer

SECONDS_A_WORD = 0.35
SHORTEST_SAY = 0.5
PLAY_SECONDS = 2.0
SECONDS_A_DIGIT = 0.25
REACTION = 0.5
RECORD_SECONDS = 3.0
MAX_DOCUMENTS = 200

# After a verb: go on with the next one (None), jump to another document, or end the call.
Next = Source | None | Literal["end"]
Verb = Callable[[Element], Awaitable[Next]]


class Conversation:
    """Follows documents until the last one ends; the caller may cancel it at any await."""

    def __init__(
        self,
        services: Services,
        conferences: Conferences,
        record: CallRecord,
        answer: Answer,
        hold_callee: Callable[[], None],
    ) -> None:
        self._services = services
        self._conferences = conferences
        self._record = record
        self._answer = answer
        self._hold_callee = hold_callee
        self._inputs = CalleeInputs(answer)
        self._url = ""
        self._fallback = record.param("FallbackUrl")
        self._documents = 0
        #: A document said so, rather than coming to its end.
        self.hung_up = False
        self._verbs: dict[str, Verb] = {
            "Say": self._say,
            "Play": self._play,
            "Pause": self._pause,
            "Gather": self._gather,
            "Redirect": self._redirect,
            "Record": self._record_voice,
            "Dial": self._dial,
            "Connect": self._connect,
            "Hangup": self._hang_up,
            "Reject": self._hang_up,
            "Start": self._pass_over,
            "Stop": self._pass_over,
        }

    async def run(self, source: Source) -> None:
        """Follow the document at the source, and those it leads to, to the end."""
        step: Source | None = source
        while step is not None:
            try:
                step = await self._perform(await self._load(step))
            except TwimlError as error:
                step = self._failed(error)

    async def _load(self, source: Source) -> list[Element]:
        self._documents += 1
        if self._documents > MAX_DOCUMENTS:
            raise TwimlError(twiml.TOO_MANY_DOCUMENTS, f"More than {MAX_DOCUMENTS} documents")
        text = source.text if source.text is not None else await self._fetch(source)
        self._services.state.add(self._record, "twiml", text)
        return twiml.parse(text)

    async def _fetch(self, source: Source) -> str:
        self._url = urljoin(self._url, source.url or "")
        account = self._services.config.account_sid
        fields = base_fields(self._record, account, self._record.status) + source.extra
        reply = await self._services.webhooks.send(
            self._url, source.method, fields, str(uuid.uuid4())
        )
        if not reply.ok:
            got = f"answered {reply.status}" if reply.status else "gave no answer"
            raise TwimlError(twiml.RETRIEVAL_FAILURE, f"HTTP retrieval failure: {self._url} {got}")
        return reply.body

    async def _perform(self, verbs: list[Element]) -> Source | None:
        for verb in verbs:
            perform = self._verbs.get(verb.tag)
            if perform is None:
                raise TwimlError(twiml.PARSE_FAILURE, f"Unknown verb <{verb.tag}>")
            step = await perform(verb)
            if step == "end":
                return None
            if step is not None:
                return step
        return None

    def _note(self, error: TwimlError) -> None:
        entry = {
            "code": error.code,
            "message": error.message,
            "url": self._url,
            "at": iso(self._services.clock.wall()),
        }
        self._services.state.add(self._record, "errors", entry)

    def _failed(self, error: TwimlError) -> Source | None:
        self._note(error)
        fallback, self._fallback = self._fallback, None
        if fallback is None:
            self.hung_up = True
            return None
        extra = [("ErrorCode", str(error.code)), ("ErrorUrl", self._url)]
        method = self._record.param("FallbackMethod") or "POST"
        return Source(url=fallback, method=method, extra=extra)

    async def _say(self, verb: Element) -> Next:
        words = len("".join(verb.itertext()).split())
        length = max(SHORTEST_SAY, words * SECONDS_A_WORD)
        await self._wait(length * max(1.0, twiml.number_attribute(verb, "loop", 1)))
        return None

    async def _play(self, verb: Element) -> Next:
        digits = verb.get("digits")
        length = len(digits) * SECONDS_A_DIGIT if digits else PLAY_SECONDS
        await self._wait(length * max(1.0, twiml.number_attribute(verb, "loop", 1)))
        return None

    async def _pause(self, verb: Element) -> Next:
        await self._wait(twiml.number_attribute(verb, "length", 1))
        return None

    async def _gather(self, verb: Element) -> Next:
        kinds = set((verb.get("input") or "dtmf").split())
        for prompt in verb:
            if prompt.tag not in ("Say", "Play", "Pause"):
                raise TwimlError(twiml.PARSE_FAILURE, f"<{prompt.tag}> inside <Gather>")
            await self._verbs[prompt.tag](prompt)
        given = self._inputs.at_gather(kinds)
        if given == Input():
            await self._wait(twiml.number_attribute(verb, "timeout", 5))
            return self._without_input(verb, kinds)
        await self._wait(REACTION + len(given.speech.split()) * SECONDS_A_WORD)
        return self._action(verb, _gathered(verb, given), always=True)

    def _without_input(self, verb: Element, kinds: set[str]) -> Next:
        if verb.get("actionOnEmptyResult") != "true":
            return None
        names = {"dtmf": "Digits", "speech": "SpeechResult"}
        extra = [(names[kind], "") for kind in sorted(kinds & names.keys())]
        return self._action(verb, extra, always=True)

    async def _redirect(self, verb: Element) -> Next:
        url = twiml.text_of(verb)
        if not url:
            raise TwimlError(twiml.PARSE_FAILURE, "<Redirect> without a URL")
        return Source(url=url, method=verb.get("method") or "POST")

    async def _record_voice(self, verb: Element) -> Next:
        longest = twiml.number_attribute(verb, "maxLength", 3600)
        length = min(longest, RECORD_SECONDS if self._answer.talk is None else self._answer.talk)
        started = self._services.clock.wall()
        await self._wait(length)
        recording = new_recording(
            self._record,
            root=self._services.account_url,
            source="RecordVerb",
            duration=round(length),
            started_at=started,
            callback=self._absolute(verb.get("recordingStatusCallback")),
        )
        self._services.state.add(self._record, "recordings", recording)
        self._services.callbacks.recording(self._record, recording)
        extra = [
            ("RecordingUrl", recording["url"]),
            ("RecordingSid", recording["sid"]),
            ("RecordingDuration", str(recording["duration"])),
        ]
        return self._action(verb, extra, always=True)

    async def _dial(self, verb: Element) -> Next:
        noun = next(iter(verb), None)
        if noun is not None and noun.tag == "Conference":
            return await self._confer(verb, noun)
        if noun is not None and (noun.get("url") or noun.get("statusCallback")):
            return await self._dial_leg(verb, noun)
        seconds = await self._stay_connected(verb)
        extra = [
            ("DialCallStatus", "completed"),
            ("DialCallSid", "CA" + uuid.uuid4().hex),
            ("DialCallDuration", str(round(seconds))),
        ]
        return self._action(verb, extra, always=False)

    async def _confer(self, verb: Element, noun: Element) -> Next:
        """Into a conference until it is over, or until this one has talked enough and hangs up."""
        self._services.state.add(self._record, "connections", self._connection(verb))
        self._hold_callee()
        rooms = self._conferences
        room, own = rooms.enter(self._record, self._answer, noun, self._absolute)
        heard = self._hear_wait(self._absolute(noun.get("waitUrl")))
        try:
            end = await sit(room, own, heard, self._wait)
        finally:
            rooms.leave(room, own)
        if end is SeatEnd.HUNG_UP:
            self.hung_up = True
            return "end"
        return self._action(verb, [("DialCallStatus", end.value)], always=False)

    async def _hear_wait(self, url: str | None) -> None:
        """A document that ends is followed by silence; one that fails by nothing."""
        if url is not None:
            heard = self._beside(self._record, self._answer)
            try:
                await heard.wait_by(Source(url=url))
            except TwimlError as error:
                self._note(error)
                return
        await asyncio.Event().wait()

    async def wait_by(self, source: Source) -> None:
        """Follow wait documents to their end: Play, Say, Pause and Redirect. Raises TwimlError."""
        step: Source | None = source
        while step is not None:
            verbs = await self._load(step)
            for verb in verbs:
                if verb.tag not in ("Play", "Say", "Pause", "Redirect"):
                    raise TwimlError(twiml.PARSE_FAILURE, f"<{verb.tag}> in a wait document")
            step = await self._perform(verbs)

    async def _dial_leg(self, verb: Element, noun: Element) -> Next:
        """A leg of its own, which is told something before it is bridged to this one."""
        self._services.state.add(self._record, "connections", self._connection(verb))
        dialed = DialedLeg(self._services, self._record, verb, noun, self._absolute)
        found = await dialed.run(self._whisper, self._bridge)
        extra = [
            ("DialCallStatus", found.status),
            ("DialCallSid", dialed.record.sid),
            ("DialBridged", "true" if found.was_bridged else "false"),
        ]
        if found.duration is not None:
            extra.append(("DialCallDuration", str(found.duration)))
        return self._action(verb, extra, always=False)

    async def _whisper(self, record: CallRecord, answer: Answer, source: Source) -> bool:
        """What the answered leg hears; whether it then waits to be bridged."""
        heard = self._beside(record, answer)
        await heard.run(source)
        return not heard.hung_up

    def _beside(self, record: CallRecord, answer: Answer) -> "Conversation":
        """Documents of their own, for a leg that another one holds."""
        return Conversation(self._services, self._conferences, record, answer, lambda: None)

    async def _bridge(self, theirs: Answer) -> None:
        """The two talk until one of them has had enough."""
        self._hold_callee()
        talks = [one for one in (self._answer.talk, theirs.talk) if one is not None]
        await self._wait(min(talks, default=DEFAULT_TALK))

    async def _connect(self, verb: Element) -> Next:
        seconds = await self._stay_connected(verb)
        extra: list[tuple[str, str]] = []
        if verb.find("ConversationRelay") is not None:
            extra = [
                ("SessionId", "VX" + uuid.uuid4().hex),
                ("SessionStatus", "completed"),
                ("SessionDuration", str(round(seconds))),
            ]
        return self._action(verb, extra, always=False)

    async def _stay_connected(self, verb: Element) -> float:
        connection = self._connection(verb)
        seconds = talk_seconds(self._answer)
        self._services.state.add(self._record, "connections", connection)
        self._hold_callee()
        await self._wait(seconds)
        return seconds

    def _connection(self, verb: Element) -> dict[str, Any]:
        connection: dict[str, Any] = twiml.read_connection(verb)
        return {**connection, "at": iso(self._services.clock.wall())}

    async def _hang_up(self, _verb: Element) -> Next:
        self.hung_up = True
        return "end"

    async def _pass_over(self, _verb: Element) -> Next:
        return None

    def _action(self, verb: Element, extra: list[tuple[str, str]], *, always: bool) -> Next:
        """Jump to the verb's action; without one, `always` means the current document's URL."""
        action = verb.get("action")
        if action is None and not always:
            return None
        return Source(url=action or self._url, method=verb.get("method") or "POST", extra=extra)

    def _absolute(self, url: str | None) -> str | None:
        return urljoin(self._url, url) if url else None

    async def _wait(self, seconds: float) -> None:
        await self._services.clock.sleep(seconds)


def _gathered(verb: Element, given: Input) -> list[tuple[str, str]]:
    common = [("msg", "Gather End")]
    if given.speech:
        return [("SpeechResult", given.speech), ("Confidence", "0.95"), *common]
    finish = verb.get("finishOnKey", "#")
    digits = given.digits.split(finish)[0] if finish else given.digits
    limit = verb.get("numDigits")
    pressed = digits[: int(limit)] if limit else digits
    finished_on = finish if finish and finish in given.digits else ""
    return [("Digits", pressed), ("FinishedOnKey", finished_on), *common]
