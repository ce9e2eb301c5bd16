"""What may be said of a campaign's variants."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.calls.schemas import Window
from api.campaigns.goals import TransferredTo
from api.http.schema import (
    EndpointText,
    Identifier,
    JsonObject,
    Name,
    Request,
    Voicemail,
    WholeNumber,
    YesNo,
)
from policy.model.call import Outcome

EXAMPLE: JsonObject = {
    "success": ["confirmed"],
    "learns": True,
    "variants": [
        {"name": "as now"},
        {
            "name": "brief, in the evening",
            "pathwayId": "a1f7d3f0-93a5-4b43-8f5e-2a1b5f0f9a11",
            "callerId": "+12025550100",
            "window": {"days": ["mon", "tue", "wed"], "start": "17:00", "end": "20:00"},
            "voicemail": {"action": "leave_message", "message": "Hello {{name}}, call us back."},
        },
    ],
}
MOST_VARIANTS = 6


class VariantRequest(Request):
    """One way of calling. What it does not say is the campaign's."""

    name: Name
    weight: WholeNumber = Field(default=1, ge=1, le=100, description="Beside the others.")
    pathway_id: Identifier | None = None
    caller_id: EndpointText | None = Field(
        default=None, description="One of the agent's caller IDs."
    )
    window: Window | None = Field(
        default=None, description="In place of the campaign's. Rules and the agent's hours hold."
    )
    voicemail: Voicemail | None = None


class SplitRequest(Request):
    """Ways that are tried beside each other; the first is what the others are compared with."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    success: list[Outcome] = Field(
        default_factory=list,
        max_length=20,
        description="Outcomes of calls that went as wished. Needed without `transferredTo`.",
    )
    transferred_to: TransferredTo = Field(default_factory=list)
    learns: YesNo = Field(
        default=False, description="Shares move towards what does better; none falls below 10 %."
    )
    variants: Annotated[list[VariantRequest], Field(min_length=2, max_length=MOST_VARIANTS)]
