"""A TwiML document as a carrier goes through it: what is said, and what is listened for.

For the documents of this package only; the carrier's own reading of TwiML knows more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from policy.pathways.answers import ONWARD
from telephony.events import CallbackUrls
from telephony.twiml.verbs import Passage

_INPUTS = {"dtmf": "digits", "speech": "speech"}
#: Ends what is pressed, unless the document names another key or none.
_FINISH_KEY = "#"
#: Seconds, unless the document says so.
_TIMEOUT = 5


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Listen:
    """A question; `is_aside`: none was asked, only the opt-out's key works meanwhile."""

    place: "Place"
    inputs: tuple[str, ...]
    most_digits: int | None
    finish_key: str
    timeout: int

    @property
    def is_aside(self) -> bool:
        return self.place.node.startswith(ONWARD)

    def pressed(self, keys: str) -> str:
        """Of these keys those that the carrier takes as the answer."""
        taken = keys.partition(self.finish_key)[0] if self.finish_key else keys
        return taken[: self.most_digits]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: the node of the script, and how far the leg had come."""

    node: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Redirect:
    """`place` is None where the document leads to somebody else's."""

    url: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class Transfer:
    to: str


@dataclass(frozen=True, slots=True)
class TransferAsked:
    """To a target of the account's, by the node that names it."""

    place: "Place"


@dataclass(frozen=True, slots=True)
class Message:
    """What is said after a tone is recorded."""

    place: "Place"


@dataclass(frozen=True, slots=True)
class Connection:
    """To an AI agent; `greeting` is what it says first, where the document says so."""

    url: str
    greeting: str


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


Moment = Say | Listen | Message | Redirect | TransferAsked | Transfer | Connection | HangUp


def moments(twiml: str, urls: CallbackUrls) -> list[Moment]:
    """What happens, in its order; `urls` says to which addresses answers go."""
    # Our own document, made a moment ago: nothing in it is anybody else's.
    root = ElementTree.fromstring(twiml)
    return [moment for verb in root for moment in _of(verb, urls)]


def _of(verb: Element, urls: CallbackUrls) -> Iterator[Moment]:
    if verb.tag == "Say":
        yield Say(verb.text or "")
    elif verb.tag == "Gather":
        for said in verb:
            yield from _of(said, urls)
        yield _listening(verb)
    elif verb.tag == "Redirect":
        yield _redirect((verb.text or "").strip(), urls)
    elif verb.tag == "Record":
        yield Message(_place(verb.get("action", "")))
    elif verb.tag == "Dial":
        yield Transfer((verb[0].text or "") if len(verb) else verb.text or "")
    elif verb.tag == "Connect":
        yield from _connection(verb)
    elif verb.tag == "Hangup":
        yield HangUp()


def _redirect(url: str, urls: CallbackUrls) -> Redirect | TransferAsked:
    address = url.partition("?")[0]
    if address == urls.transfer:
        return TransferAsked(_place(url))
    return Redirect(url, _place(url) if address == urls.gather else None)


def _listening(verb: Element) -> Listen:
    most = verb.get("numDigits")
    return Listen(
        _place(verb.get("action", "")),
        tuple(_INPUTS[name] for name in verb.get("input", "dtmf").split()),
        int(most) if most else None,
        verb.get("finishOnKey", _FINISH_KEY),
        int(verb.get("timeout") or _TIMEOUT),
    )


def _place(url: str) -> Place:
    said = parse_qs(urlsplit(url).query, keep_blank_values=True)
    turns, replays = (int(said.get(name, ["0"])[0]) for name in ("turns", "replays"))
    return Place(said["node"][0], Passage(turns, replays))


def _connection(verb: Element) -> Iterator[Moment]:
    for noun in verb:
        yield Connection(noun.get("url", ""), noun.get("welcomeGreeting", ""))
