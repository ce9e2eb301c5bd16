"""What may be said of the steps that follow a campaign's calls."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from api.calls.schemas import StatedConsent
from api.http.schema import Duration, Identifier, JsonObject, Request, well_formed
from policy.campaigns.steps import MOST_STEPS

EXAMPLE: JsonObject = {
    "next": {"no_answer": "text", "voicemail": "text", "confirmed": "tell"},
    "steps": {
        "text": {
            "kind": "text",
            "text": "Hello {{name}}, this is Blue Clinic. We will call you again tomorrow.",
            "consent": {"tier": "express", "method": "web form"},
            "next": {"sent": "a day"},
        },
        "a day": {"kind": "wait", "wait": "P1D", "next": {"any": "again"}},
        "again": {"kind": "call"},
        "tell": {"kind": "tell", "next": {"any": "survey"}},
        "survey": {"kind": "call", "agentId": "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55"},
    },
}
StepName = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Edges = Annotated[dict[StepName, StepName], Field(max_length=20)]


class StepRequest(Request):
    """`kind` says what it does; which fields it takes is said with each."""

    kind: Literal["call", "text", "wait", "tell"]
    next: Edges = Field(
        default_factory=dict,
        description="Which step follows, by how this one ended; `any`: by all else.",
    )
    agent_id: Identifier | None = Field(default=None, description="Of a call. Default: the last.")
    pathway_id: Identifier | None = Field(default=None, description="Of a call.")
    text: (
        Annotated[
            str, StringConstraints(min_length=1, max_length=1000), AfterValidator(well_formed)
        ]
        | None
    ) = Field(default=None, description="Of a text; may use the call's context, as `{{name}}`.")
    consent: StatedConsent | None = Field(
        default=None, description="Of a text: the agreement to be sent texts. Needed."
    )
    wait: Duration | None = Field(default=None, description="Of a wait: ISO 8601, as `P1D`.")


class StepsRequest(Request):
    """What follows the campaign's calls, and what follows that."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    next: Edges = Field(description="The first step, by the outcome of the campaign's call.")
    steps: dict[StepName, StepRequest] = Field(min_length=1, max_length=MOST_STEPS)
