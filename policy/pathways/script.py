"""Scripts: what is said and asked, as a graph of nodes in plain JSON.

`{"start": id, "nodes": {id: node}, "variables": [name]}` with nodes of these kinds:

- say: text, next
- gather: text?, input ["digits" and/or "speech"]?, numDigits?, timeout? (seconds),
  branches [{digits and/or speech [phrase], next}], otherwise
- outcome: outcome (completed, confirmed, declined, opted_out), next
- call_back: when (PT2H, tomorrow 10:00 …), next, otherwise (it cannot be promised)
- transfer: target (the name of one of the account's), next?, otherwise (nobody was reached); or
  to (a phone number or sip:user@domain), next?
- take_message: text?, maxSeconds?, next
- hang_up: text?

All but outcome may be `private`: see `policy.pathways.private_nodes`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policy.location.endpoints import parse_endpoint
from policy.model.call import REPORTABLE_OUTCOMES, Refusal
from policy.model.reasons import RefusalCode
from policy.model.template import NAME, is_well_formed, variables_of
from policy.pathways import private_nodes
from policy.pathways.node_graph import Node, Nodes, broken_links, dead_ends, problem
from policy.promises import check_when
from policy.transfers.targets import is_name

INPUTS = frozenset({"digits", "speech"})
MOST_DIGITS = 20
#: A script has no more nodes, and a leg is given no more documents of it: with each it is led
#: through every node once at most.
MOST_NODES = 200
MOST_TURNS = 100
#: What is cut short by a key is begun anew this often; after that it is left out.
MOST_REPLAYS = 2
#: A script says and asks nothing more of a leg that was answered this many seconds ago.
LONGEST_TALK = 600
#: The carrier says no more in one go.
LONGEST_TEXT = 4096
LONGEST_TIMEOUT = 60
#: Seconds of a message that is left for somebody who was not reached, and unless it is said.
LONGEST_MESSAGE, USUAL_MESSAGE = 300, 120
_KEYPAD = frozenset("0123456789*#")

#: Fields of each kind: the ones it needs, the ones it may have.
_FIELDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "say": (frozenset({"text", "next"}), frozenset()),
    "gather": (
        frozenset({"branches", "otherwise"}),
        frozenset({"text", "input", "numDigits", "timeout"}),
    ),
    "outcome": (frozenset({"outcome", "next"}), frozenset()),
    "call_back": (frozenset({"when", "next", "otherwise"}), frozenset()),
    "transfer": (frozenset(), frozenset({"to", "target", "next", "otherwise"})),
    "take_message": (frozenset({"next"}), frozenset({"text", "maxSeconds"})),
    "hang_up": (frozenset(), frozenset({"text"})),
}
_LEADS_ON = frozenset({"next", "otherwise"})


def check_script(definition: object) -> list[Refusal]:
    """All that is wrong with a script, by field; empty when it can be saved.

    The graph as a whole is judged only when each node can be read.
    """
    shape = list(_shape(definition))
    if shape or not isinstance(definition, Mapping):
        return shape
    nodes: Nodes = definition["nodes"]
    declared = frozenset(definition.get("variables", []))
    found = [problem for id_, node in nodes.items() for problem in _node(id_, node, declared)]
    if not found:
        found = list(broken_links(definition["start"], nodes))
    return found or [*dead_ends(definition["start"], nodes), *_private(definition)]


def _shape(definition: object) -> Iterator[Refusal]:
    if not isinstance(definition, Mapping):
        yield problem(RefusalCode.MALFORMED, "", "A script is an object.")
        return
    for key in definition.keys() - {"start", "nodes", "variables", "privateAfter"}:
        yield problem(RefusalCode.UNKNOWN_FIELD, f"{key}", "A script has no such field.")
    if not isinstance(definition.get("start"), str):
        yield problem(RefusalCode.MALFORMED, "start", "Names the first node.")
    nodes = definition.get("nodes")
    if not isinstance(nodes, Mapping) or not nodes:
        yield problem(RefusalCode.MALFORMED, "nodes", "An object with at least one node.")
    elif len(nodes) > MOST_NODES:
        yield problem(RefusalCode.TOO_LONG, "nodes", f"At most {MOST_NODES} nodes.")
    elif not all(isinstance(node, Mapping) for node in nodes.values()):
        yield problem(RefusalCode.MALFORMED, "nodes", "Every node is an object.")
    if definition.get("privateAfter", private_nodes.AFTER_ANSWER) not in private_nodes.WAYS:
        message = f"One of {', '.join(private_nodes.WAYS)}."
        yield problem(RefusalCode.MALFORMED, "privateAfter", message)
    yield from check_variable_names(definition)


def check_variable_names(definition: Mapping[str, Any]) -> Iterator[Refusal]:
    """What is wrong with the optional list `variables` of any pathway."""
    names = definition.get("variables", [])
    if not isinstance(names, list) or not all(
        isinstance(name, str) and NAME.fullmatch(name) for name in names
    ):
        message = "A list of names made of letters, digits, dots, dashes, underscores and spaces."
        yield problem(RefusalCode.MALFORMED, "variables", message)


def check_text(path: str, text: object, declared: frozenset[str]) -> Iterator[Refusal]:
    """What is wrong with a text that may use the declared variables."""
    if not isinstance(text, str) or not text.strip():
        yield problem(RefusalCode.MALFORMED, path, "A text that is not empty.")
    elif not is_well_formed(text):
        yield problem(RefusalCode.MALFORMED, path, "Variables are written {{name}}.")
    else:
        for name in sorted(variables_of(text) - declared):
            message = f"The variable {name} is not among the pathway's variables: add it there."
            yield problem(RefusalCode.UNKNOWN_VARIABLE, path, message)


def _node(id_: str, node: Node, declared: frozenset[str]) -> Iterator[Refusal]:
    path, kind = f"nodes.{id_}", node.get("kind")
    if not isinstance(kind, str) or kind not in _FIELDS:
        message = f"A node is one of {', '.join(_FIELDS)}."
        yield problem(RefusalCode.UNKNOWN_KIND, f"{path}.kind", message)
        return
    needed, allowed = _FIELDS[kind]
    if kind in private_nodes.SPOKEN:
        allowed |= {"private"}
    yield from _fields(path, node, needed, allowed)
    if not isinstance(node.get("private", False), bool):
        yield problem(RefusalCode.MALFORMED, f"{path}.private", "true or false.")
    if "text" in node:
        yield from check_text(f"{path}.text", node["text"], declared)
        if isinstance(node["text"], str) and len(node["text"]) > LONGEST_TEXT:
            message = f"A text has at most {LONGEST_TEXT} characters."
            yield problem(RefusalCode.TOO_LONG, f"{path}.text", message)
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(path, node)


def _fields(
    path: str, node: Node, needed: frozenset[str], allowed: frozenset[str]
) -> Iterator[Refusal]:
    for name in sorted(node.keys() - needed - allowed - {"kind"}):
        yield problem(RefusalCode.UNKNOWN_FIELD, f"{path}.{name}", "The node has no such field.")
    for name in sorted(needed - node.keys()):
        ends = name in _LEADS_ON
        code = RefusalCode.DEAD_END if ends else RefusalCode.MALFORMED
        message = "The call would not know how to go on." if ends else "Is missing."
        yield problem(code, f"{path}.{name}", message)


def _gather(path: str, node: Node) -> Iterator[Refusal]:
    inputs = node.get("input", sorted(INPUTS))
    if not isinstance(inputs, list) or not inputs or not INPUTS.issuperset(map(str, inputs)):
        message = 'A list with "digits", "speech" or both.'
        yield problem(RefusalCode.MALFORMED, f"{path}.input", message)
        return
    yield from _whole(f"{path}.numDigits", node.get("numDigits", 1), MOST_DIGITS)
    yield from _whole(f"{path}.timeout", node.get("timeout", 1), LONGEST_TIMEOUT)
    branches = node.get("branches", [{}])
    if not isinstance(branches, list) or not branches:
        yield problem(RefusalCode.MALFORMED, f"{path}.branches", "At least one branch.")
        return
    for n, branch in enumerate(branches):
        yield from _branch(f"{path}.branches.{n}", branch, inputs, node.get("numDigits"))
    yield from _repeated(f"{path}.branches", branches)


def _whole(path: str, number: object, most: int) -> Iterator[Refusal]:
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
        yield problem(RefusalCode.MALFORMED, path, f"A whole number from 1 to {most}.")


def _branch(path: str, branch: object, inputs: list[str], length: object) -> Iterator[Refusal]:
    if not isinstance(branch, Mapping):
        yield problem(RefusalCode.MALFORMED, path, "A branch is an object.")
        return
    for name in sorted(branch.keys() - INPUTS - {"next"}):
        yield problem(RefusalCode.UNKNOWN_FIELD, f"{path}.{name}", "A branch has no such field.")
    if "next" not in branch:
        message = "The call would not know how to go on."
        yield problem(RefusalCode.DEAD_END, f"{path}.next", message)
    if not INPUTS & branch.keys():
        yield problem(RefusalCode.MALFORMED, path, "A branch is taken by digits or speech.")
    for name in sorted((INPUTS & branch.keys()) - set(inputs)):
        message = f"The node does not listen for {name}."
        yield problem(RefusalCode.MALFORMED, f"{path}.{name}", message)
    if "digits" in branch and not _can_be_keyed(branch["digits"], length):
        message = "Keys 0-9, * and #, no more of them than numDigits."
        yield problem(RefusalCode.BAD_DIGITS, f"{path}.digits", message)
    if "speech" in branch and not _phrases(branch["speech"]):
        message = "A list of phrases that are not empty."
        yield problem(RefusalCode.MALFORMED, f"{path}.speech", message)


def _can_be_keyed(digits: object, length: object) -> bool:
    if not isinstance(digits, str) or not digits or not _KEYPAD.issuperset(digits):
        return False
    return len(digits) <= (length if isinstance(length, int) else MOST_DIGITS)


def _phrases(speech: object) -> bool:
    if not isinstance(speech, list) or not speech:
        return False
    return all(isinstance(phrase, str) and any(map(str.isalnum, phrase)) for phrase in speech)


def _repeated(path: str, branches: list[Any]) -> Iterator[Refusal]:
    keyed = [branch.get("digits") for branch in branches if isinstance(branch, Mapping)]
    keyed = [digits for digits in keyed if digits is not None]
    if any(keyed.count(digits) > 1 for digits in keyed):
        yield problem(RefusalCode.BAD_DIGITS, path, "Two branches have the same digits.")


def _outcome(path: str, node: Node) -> Iterator[Refusal]:
    outcome = node.get("outcome")
    known = isinstance(outcome, str) and outcome in REPORTABLE_OUTCOMES
    if "outcome" in node and not known:
        message = f"One of {', '.join(sorted(REPORTABLE_OUTCOMES))}."
        yield problem(RefusalCode.BAD_OUTCOME, f"{path}.outcome", message)


def _call_back(path: str, node: Node) -> Iterator[Refusal]:
    fault = check_when(node.get("when")) if "when" in node else None
    if fault is not None:
        yield problem(RefusalCode.MALFORMED, f"{path}.when", fault)


def _transfer(path: str, node: Node) -> Iterator[Refusal]:
    """To a target of the account's, with a way on if it is not reached; or to a fixed number."""
    if ("to" in node) == ("target" in node):
        message = "Either target, the name of a transfer target, or to, a number."
        field = "target" if "to" in node else "to"
        yield problem(RefusalCode.MALFORMED, f"{path}.{field}", message)
    elif "to" in node:
        yield from _fixed_transfer(path, node)
    elif not is_name(node["target"]):
        message = "The name of a transfer target: small letters, digits, - and _, at most 50."
        yield problem(RefusalCode.MALFORMED, f"{path}.target", message)
    elif "otherwise" not in node:
        message = "The call would not know how to go on if nobody is reached."
        yield problem(RefusalCode.DEAD_END, f"{path}.otherwise", message)


def _fixed_transfer(path: str, node: Node) -> Iterator[Refusal]:
    to = node["to"]
    if not isinstance(to, str) or isinstance(parse_endpoint(to), Refusal):
        message = "A phone number with its + or sip:user@domain."
        yield problem(RefusalCode.BAD_ENDPOINT, f"{path}.to", message)
    if "otherwise" in node:
        message = "Only a transfer to a target knows whether it was reached."
        yield problem(RefusalCode.UNKNOWN_FIELD, f"{path}.otherwise", message)


def _take_message(path: str, node: Node) -> Iterator[Refusal]:
    yield from _whole(f"{path}.maxSeconds", node.get("maxSeconds", 1), LONGEST_MESSAGE)


_CHECKS: Mapping[str, Callable[[str, Node], Iterator[Refusal]]] = {
    "gather": _gather,
    "outcome": _outcome,
    "call_back": _call_back,
    "transfer": _transfer,
    "take_message": _take_message,
}


def _private(definition: Mapping[str, Any]) -> Iterator[Refusal]:
    if definition.get("privateAfter") == private_nodes.AFTER_DETECTION:
        return
    message = "It is private, and a way leads to it on which no person has answered anything."
    for id_ in private_nodes.unconfirmed(definition["start"], definition["nodes"]):
        yield problem(RefusalCode.UNCONFIRMED_PRIVATE, f"nodes.{id_}", message)
