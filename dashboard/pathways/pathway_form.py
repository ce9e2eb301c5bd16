"""A pathway as a form: texts as they were typed, and the request they mean."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from api.accounts.pathway_schemas import EXAMPLE, PathwayRequest
from api.http.json_body import storable_text
from api.http.problems import Problem, invalid
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request, texts
from dashboard.pathways.drawing import Drawing, drawing_of
from dashboard.pathways.graph import Graph, graph_of
from policy.pathways.pathway import KINDS, check_pathway
from storage.tables import Pathway

_FIELDS = (("name", "name"), ("kind", "kind"), ("definition", "definition"))
#: What each kind is, in the words of a form.
KIND_WORDS: Mapping[str, str] = {
    "script": "a script: what is said and asked, node by node",
    "conversation_relay": "your AI agent, by text (ConversationRelay)",
    "stream": "your AI agent, by audio (media stream)",
    "twiml_url": "what your server answers in TwiML",
    "sip": "whoever answers at a SIP address",
}
#: What to begin with.
BEGINNINGS: Mapping[str, Mapping[str, Any]] = {
    "script": EXAMPLE["definition"],
    "conversation_relay": {
        "url": "wss://agent.example.com/relay",
        "welcomeGreeting": "Hello {{firstName|there}}.",
        "language": "en-US",
        "variables": ["firstName"],
    },
    "stream": {"url": "wss://agent.example.com/audio", "parameters": {}},
    "twiml_url": {"url": "https://voice.example.com/answer"},
    "sip": {"uri": "sip:desk@example.com"},
}


@dataclass(frozen=True, slots=True)
class PathwayForm:
    """`definition` is JSON as it was typed."""

    name: str = ""
    kind: str = "script"
    definition: str = ""


@dataclass(frozen=True, slots=True)
class PathwayCheck:
    """What is to be said of a draft while it is typed. `faults` are about no node."""

    faults: list[str] = field(default_factory=list)
    graph: Graph | None = None
    drawing: Drawing | None = None

    @property
    def number(self) -> int:
        """Of all faults."""
        return self.graph.number_of_faults if self.graph else len(self.faults)


def read_form(sent: FormData) -> PathwayForm:
    """What a browser sent."""
    return PathwayForm(**texts(sent, PathwayForm))


def form_of(pathway: Pathway | Any) -> PathwayForm:
    """The form as the pathway is."""
    return PathwayForm(pathway.name, pathway.kind, as_text(pathway.definition))


def beginning(kind: str) -> PathwayForm:
    """A form to begin with, of a kind that there is."""
    kind = kind if kind in KINDS else "script"
    return PathwayForm("", kind, as_text(BEGINNINGS[kind]))


def as_text(definition: Mapping[str, Any]) -> str:
    """JSON as people read it."""
    return json.dumps(definition, indent=2, ensure_ascii=False)


def request_of(form: PathwayForm) -> PathwayRequest:
    """The request; raises a Problem that names its fields."""
    body = {"name": form.name, "kind": form.kind, "definition": definition_of(form)}
    return as_request(PathwayRequest, body)


def definition_of(form: PathwayForm) -> dict[str, Any]:
    """What was typed, as it can be stored; raises a Problem."""
    try:
        found = json.loads(form.definition)
        storable_text(found)
    except json.JSONDecodeError as exc:
        where = f"line {exc.lineno}, column {exc.colno}: {exc.msg.lower()}"
        raise invalid("invalid_json", "definition", f"This is not JSON ({where}).") from None
    except (ValueError, RecursionError):
        raise invalid("invalid_json", "definition", "This cannot be stored.") from None
    if not isinstance(found, dict):
        raise invalid("wrong_type", "definition", "Must be an object in braces.")
    return found


def said_at(problem: Problem) -> FormErrors:
    """What is wrong, by the field of the form."""
    return FormErrors.of(problem, _FIELDS)


def check_of(form: PathwayForm) -> PathwayCheck:
    """All that is wrong with the definition, drawn where it can be."""
    try:
        definition = definition_of(form)
    except Problem as problem:
        return PathwayCheck([error.message for error in problem.errors])
    findings = check_pathway(form.kind, definition)
    graph = graph_of(definition, findings) if form.kind == "script" else None
    if graph is None:
        names = ((one.field.removeprefix("definition").strip("."), one.message) for one in findings)
        return PathwayCheck([f"{name}: {said}" if name else said for name, said in names])
    return PathwayCheck(graph.faults, graph, drawing_of(graph))
