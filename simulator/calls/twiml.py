"""TwiML documents: parsing and the rules a document must keep."""

from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

MAX_PARAMETER = 500

RETRIEVAL_FAILURE = 11200
PARSE_FAILURE = 12100
INVALID_ROOT = 12102
INVALID_ATTRIBUTE = 12200
TOO_MANY_DOCUMENTS = 12106


class TwimlError(Exception):
    """A document that cannot be fetched or followed; code is Twilio's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Source:
    """Where the next document comes from: a URL to ask, or its text.

    extra: fields the request carries beside the base ones (Digits, DialCallStatus, ...).
    """

    url: str | None = None
    text: str | None = None
    method: str = "POST"
    extra: list[tuple[str, str]] = field(default_factory=list)


def parse(text: str) -> list[Element]:
    """The verbs of a document."""
    try:
        root = ElementTree.fromstring(text.strip())
    except ElementTree.ParseError as error:
        raise TwimlError(PARSE_FAILURE, f"Document parse failure: {error}") from error
    if root.tag != "Response":
        raise TwimlError(INVALID_ROOT, f"The root element is <{root.tag}>, not <Response>")
    return list(root)


def number_attribute(verb: Element, name: str, default: float) -> float:
    """A numeric attribute, such as a length in seconds; `auto` means the default."""
    text = verb.get(name)
    if text is None or text == "auto":
        return default
    try:
        return float(text)
    except ValueError:
        _invalid(f"<{verb.tag}> {name}={text!r} is not a number")


def text_of(verb: Element) -> str:
    """The text of an element without surrounding space."""
    return (verb.text or "").strip()


def read_connection(verb: Element) -> dict[str, object]:
    """A Connect or Dial as the ledger keeps it: `{verb, noun, target, attributes, parameters}`."""
    if verb.tag == "Dial":
        return _read_dial(verb)
    nouns = list(verb)
    if len(nouns) != 1:
        _invalid(f"<Connect> has {len(nouns)} nouns, not one")
    noun = nouns[0]
    if noun.tag in ("Stream", "ConversationRelay"):
        _check_websocket(noun)
    return {
        "verb": "Connect",
        "noun": noun.tag,
        "target": noun.get("url") or text_of(noun),
        "attributes": dict(noun.attrib),
        "parameters": _read_parameters(noun),
    }


def _read_dial(verb: Element) -> dict[str, object]:
    nouns = list(verb)
    target = text_of(nouns[0]) if nouns else text_of(verb)
    if not target:
        _invalid("<Dial> dials nothing")
    return {
        "verb": "Dial",
        "noun": nouns[0].tag if nouns else "Number",
        "target": target,
        "attributes": dict(verb.attrib),
        "parameters": {},
    }


def _check_websocket(noun: Element) -> None:
    url = urlsplit(noun.get("url") or "")
    if url.scheme != "wss" or not url.netloc:
        _invalid(f"<{noun.tag}> url must be wss://, not {noun.get('url')!r}")
    if url.query and noun.tag == "Stream":
        _invalid("<Stream> url must not have a query string; use <Parameter>")


def _read_parameters(noun: Element) -> dict[str, str]:
    found = {}
    for parameter in noun.findall("Parameter"):
        name, value = parameter.get("name") or "", parameter.get("value") or ""
        if len(name) + len(value) >= MAX_PARAMETER:
            _invalid(f"<Parameter> {name!r} has {MAX_PARAMETER} characters or more")
        found[name] = value
    return found


def _invalid(message: str) -> NoReturn:
    raise TwimlError(INVALID_ATTRIBUTE, message)
