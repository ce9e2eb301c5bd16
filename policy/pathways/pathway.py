"""Pathways: what a call says or whom it connects to, as plain JSON by kind.

- script: see `policy.pathways.script`
- conversation_relay: url (wss), welcomeGreeting?, language?, voice?, ttsProvider?,
  transcriptionProvider?, parameters? {name: text}, variables?, transfers?
- stream: url (wss, without a query string), parameters?, variables?, transfers?

`transfers`: names of the targets to which the AI agent may have a callee put through.
- twiml_url: url (http or https)
- sip: uri (sip:user@domain)
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from policy.compliance.disclosures import OPT_OUT_KEY, plain_words
from policy.location.endpoints import Endpoint, parse_endpoint
from policy.model.call import EndpointKind, Outcome, Refusal
from policy.model.reasons import RefusalCode
from policy.model.template import absent, render_text, required_of, variables_of
from policy.pathways.private_nodes import unanswered
from policy.pathways.script import check_script, check_text, check_variable_names
from policy.transfers.targets import MOST_NAMED, is_name

__all__ = [
    "KINDS",
    "PARAMETER_LIMIT",
    "check_pathway",
    "check_script",
    "choose_branch",
    "hands_over",
    "leaves_opt_out_key",
    "matching_branch",
    "missing_variables",
    "render_text",
    "required_variables",
    "takes_opt_out_key",
    "transfer_targets",
    "used_variables",
]

Definition = Mapping[str, Any]

_SPOKEN_BY_RELAY = ("welcomeGreeting", "language", "voice", "ttsProvider", "transcriptionProvider")
_FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "conversation_relay": ("url", (*_SPOKEN_BY_RELAY, "parameters", "variables", "transfers")),
    "stream": ("url", ("parameters", "variables", "transfers")),
    "twiml_url": ("url", ()),
    "sip": ("uri", ()),
}
#: Twilio's limit for a <Parameter>, name and value together.
PARAMETER_LIMIT = 499
KINDS = ("script", *_FIELDS)


def check_pathway(kind: str, definition: object) -> list[Refusal]:
    """All that is wrong with a pathway of `kind`, by field; empty when it can be saved."""
    if kind == "script":
        return check_script(definition)
    if kind not in _FIELDS:
        return [Refusal(RefusalCode.UNKNOWN_KIND, "kind", f"One of {', '.join(KINDS)}.")]
    if not isinstance(definition, Mapping):
        return [Refusal(RefusalCode.MALFORMED, "definition", "An object.")]
    return [*_fields(kind, definition), *_TARGETS[kind](definition), *_texts(definition)]


def _problem(code: RefusalCode, name: str, message: str) -> Refusal:
    return Refusal(code, f"definition.{name}", message)


def _fields(kind: str, definition: Definition) -> Iterator[Refusal]:
    needed, allowed = _FIELDS[kind]
    for name in sorted(definition.keys() - {needed, *allowed}):
        yield _problem(RefusalCode.UNKNOWN_FIELD, name, f"A pathway of kind {kind} has none.")
    yield from check_variable_names(definition)
    if "transfers" in definition and not _are_targets(definition["transfers"]):
        message = f"A list of at most {MOST_NAMED} names of transfer targets."
        yield _problem(RefusalCode.MALFORMED, "transfers", message)


def _are_targets(names: object) -> bool:
    return isinstance(names, list) and len(names) <= MOST_NAMED and all(map(is_name, names))


def _texts(definition: Definition) -> Iterator[Refusal]:
    names = definition.get("variables", [])
    declared = frozenset(map(str, names)) if isinstance(names, list) else frozenset()
    for name in _SPOKEN_BY_RELAY:
        if name in definition:
            yield from check_text(name, definition[name], declared)
    parameters = definition.get("parameters", {})
    if not isinstance(parameters, Mapping):
        yield _problem(RefusalCode.MALFORMED, "parameters", "An object of texts.")
        return
    for name, text in parameters.items():
        yield from check_text(f"parameters.{name}", text, declared)
        yield from _length(name, text)


def _length(name: str, text: object) -> Iterator[Refusal]:
    """Variables count as nothing here: what fills them is known when the call is made."""
    fixed = render_text(text, {}) if isinstance(text, str) else ""
    if len(name) + len(fixed) > PARAMETER_LIMIT:
        message = f"Name and value may have {PARAMETER_LIMIT} characters together."
        yield _problem(RefusalCode.TOO_LONG, f"parameters.{name}", message)


def _url(definition: Definition, schemes: tuple[str, ...]) -> SplitResult | None:
    """The parts of a definition's url, None unless it is a plain address of such a scheme."""
    text = definition.get("url")
    if not isinstance(text, str) or re.search(r"\s", text):
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme in schemes and parts.hostname and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        return None
    return parts if usable else None


def _relay(definition: Definition) -> Iterator[Refusal]:
    if _url(definition, ("wss",)) is None:
        yield _problem(RefusalCode.BAD_URL, "url", "An address like wss://host/path.")


def _stream(definition: Definition) -> Iterator[Refusal]:
    yield from _relay(definition)
    url = _url(definition, ("wss",))
    if url is not None and "?" in url.geturl():
        message = "Twilio's streams take no query string; use parameters."
        yield _problem(RefusalCode.BAD_URL, "url", message)


def _twiml_url(definition: Definition) -> Iterator[Refusal]:
    if _url(definition, ("http", "https")) is None:
        yield _problem(RefusalCode.BAD_URL, "url", "An address like https://host/path.")


def _sip(definition: Definition) -> Iterator[Refusal]:
    uri = definition.get("uri")
    found = parse_endpoint(uri) if isinstance(uri, str) else None
    if not isinstance(found, Endpoint) or found.kind is not EndpointKind.SIP:
        yield _problem(RefusalCode.BAD_ENDPOINT, "uri", "An address like sip:user@domain.")


_TARGETS: Mapping[str, Callable[[Definition], Iterator[Refusal]]] = {
    "conversation_relay": _relay,
    "stream": _stream,
    "twiml_url": _twiml_url,
    "sip": _sip,
}


def choose_branch(node: Definition, digits: str | None, speech: str | None) -> str:
    """The id of the node a checked gather node goes on with; nothing matched: `otherwise`."""
    return matching_branch(node, digits, speech) or str(node["otherwise"])


def matching_branch(node: Definition, digits: str | None, speech: str | None) -> str | None:
    """The node that what was pressed or said leads to.

    Digits must match a branch wholly. Of the phrases that occur in the speech as whole words the
    longest wins, so that "not sure" is not taken for "sure".
    """
    branches = node["branches"]
    for branch in branches:
        if digits and branch.get("digits") == digits:
            return str(branch["next"])
    heard = f" {plain_words(speech or '')} "
    said = [
        (len(words), -n, branch["next"])
        for n, branch in enumerate(branches)
        for words in map(plain_words, branch.get("speech", []))
        if f" {words} " in heard
    ]
    return str(max(said)[2]) if said else None


def leaves_opt_out_key(kind: str, definition: Definition) -> bool:
    """Whether the key by which people opt out means nothing else in a checked pathway."""
    if kind != "script":
        return True
    nodes = definition["nodes"]
    taken = (
        nodes[branch["next"]]
        for node in nodes.values()
        for branch in node.get("branches", [])
        if branch.get("digits") == OPT_OUT_KEY
    )
    return all(node.get("outcome") == Outcome.OPTED_OUT for node in taken)


def takes_opt_out_key(kind: str, definition: Definition, *, announced: bool) -> bool:
    """Whether the key opts out of a call: where it was named, and in any script that leaves it."""
    return announced or (kind == "script" and leaves_opt_out_key(kind, definition))


def transfer_targets(kind: str, definition: Definition) -> dict[str, str]:
    """The targets that a checked pathway names, each with the field that does."""
    if kind != "script":
        names = definition.get("transfers", [])
        return {name: f"definition.transfers.{n}" for n, name in enumerate(names)}
    nodes = definition["nodes"].items()
    return {
        node["target"]: f"definition.nodes.{id_}.target" for id_, node in nodes if "target" in node
    }


def hands_over(kind: str, definition: Definition) -> bool:
    """Whether a checked pathway puts callees through who have pressed and said nothing."""
    if kind != "script":
        return False
    nodes = definition["nodes"]
    return any("target" in nodes[id_] for id_ in unanswered(definition["start"], nodes))


def missing_variables(definition: object, context: Mapping[str, object]) -> tuple[str, ...]:
    """The variables a text of a pathway asks for, without a default and without anything in the
    context; sorted.
    """
    return absent(required_variables(definition), context)


def required_variables(value: object) -> frozenset[str]:
    """The variables without a default in any text of a pathway."""
    return frozenset(name for text in _texts_in(value) for name in required_of(text))


def used_variables(value: object) -> frozenset[str]:
    """Those with a default, too."""
    return frozenset(name for text in _texts_in(value) for name in variables_of(text))


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts_in(item)
