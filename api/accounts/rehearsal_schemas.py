"""Rehearsals: what a callee is to do, and what comes of it."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema

from api.accounts.pathway_schemas import EXAMPLE, Kind
from api.http.schema import Identifier, JsonObject, Request, View
from policy.model.call import Outcome
from policy.model.purposes import Notice
from policy.pathways.callee_steps import MOST_STEPS, STEP_PATTERN
from telephony.twiml.rehearsal import Ending, HeardAs

#: Read by `policy.pathways.callee_steps`, which says better than a pattern what is wrong.
StepText = Annotated[
    str,
    StringConstraints(max_length=600),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": STEP_PATTERN,
            "description": "Keys such as `1`, `say:yes`, `silence`, `hang_up`, or `machine` as the"
            " first.",
            "examples": ["say:yes"],
        }
    ),
]
_STEPS: JsonObject = {"context": {"firstName": "Ada", "time": "on Monday"}, "steps": ["say:yes"]}


class RehearsalRequest(Request):
    """Who is called, and what they do; without steps: what they hear first."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STEPS]})

    context: JsonObject = Field(default_factory=dict, description="As a call has it, up to 64 KiB.")
    steps: list[StepText] = Field(default_factory=list, max_length=MOST_STEPS)
    agent_id: Identifier | None = Field(
        default=None,
        description="Whose identity, goodbye and voicemail hold. With none nobody listens for"
        " machines. Needs the scope `agents:read`.",
    )
    notices: list[Notice] = Field(
        default_factory=list,
        max_length=len(Notice),
        description="What is said first, as a rule may ask for it.",
    )


class DraftRehearsalRequest(RehearsalRequest):
    """The same for a pathway that is not saved."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "script", "definition": EXAMPLE["definition"], **_STEPS}]
        }
    )

    kind: Kind
    definition: JsonObject


class QuestionView(View):
    """What is waited for. `timeout` in seconds; `keys` and `phrases` are those that lead on."""

    node: str
    listens_for: list[Literal["digits", "speech"]]
    keys: list[str]
    phrases: list[str]
    timeout: int


class TurnView(View):
    """What a step led to. Of the first turn `step` is null: the call was answered.

    `heard` is what the carrier passes on of the step, of more keys than are asked for the first.
    """

    step: str | None
    heard_as: HeardAs | None
    heard: str
    nodes: list[str] = Field(description="Of the script, in the order in which they were walked.")
    said: list[str]
    values: dict[str, str] = Field(description="What the context fills in, by its name.")
    transferred_to: str | None
    connected_to: str | None
    outcome: Outcome | None = Field(description="That is reported here.")


class RehearsalView(View):
    """A walk through a pathway. Nobody was called, and nothing is kept of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "turns": [
                        {
                            "step": None,
                            "heardAs": None,
                            "heard": "",
                            "nodes": ["ask"],
                            "said": ["Hello Ada. See you on Monday? Press 1 for yes, 2 for no."],
                            "values": {"firstName": "Ada", "time": "on Monday"},
                            "transferredTo": None,
                            "connectedTo": None,
                            "outcome": None,
                        },
                        {
                            "step": "say:yes",
                            "heardAs": "speech",
                            "heard": "yes",
                            "nodes": ["confirmed", "goodbye"],
                            "said": ["Goodbye."],
                            "values": {},
                            "transferredTo": None,
                            "connectedTo": None,
                            "outcome": "confirmed",
                        },
                    ],
                    "question": None,
                    "ending": "hung_up",
                    "outcome": "confirmed",
                    "missingVariables": [],
                    "unusedSteps": [],
                }
            ]
        }
    )

    turns: list[TurnView]
    question: QuestionView | None = Field(description="Null: it is over.")
    ending: Ending | None
    outcome: Outcome | None = Field(
        description="Null: it is not over, or whoever goes on reports one; else it is `completed`."
    )
    missing_variables: list[str] = Field(
        description="A call without these is refused; here they are spoken as nothing."
    )
    unused_steps: list[str] = Field(description="They came after the end.")
