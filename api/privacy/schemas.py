"""A person's data: erased, or given out."""

from datetime import datetime

from pydantic import ConfigDict, Field

from api.compliance.schemas import ConsentView, SuppressionView
from api.http.schema import EndpointText, JsonObject, Request, View


class EraseRequest(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"endpoint": "+12025550123"}]})

    endpoint: EndpointText


class ErasureView(View):
    """What was erased; a keyed hash of the number stays, and forbids all calls to it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "erasedAt": "2027-02-27T20:11:09Z",
                    "counts": {"calls": 2, "attempts": 3, "consents": 1},
                }
            ]
        }
    )

    erased_at: datetime
    counts: dict[str, int]


class PersonalCall(View):
    """A call with all that was said of and in it."""

    call_id: str
    created_time: datetime
    completed_time: datetime | None
    outcome: str | None
    extension: str | None = Field(default=None, max_length=11)
    context: JsonObject
    additional_data: JsonObject
    recipient: JsonObject
    subject: str | None
    stated_consent: JsonObject | None
    result: JsonObject | None
    recordings: list[str]


class PersonalContact(View):
    campaign_id: str
    extension: str | None = Field(default=None, max_length=11)
    context: JsonObject
    timezone: str | None


class PersonalData(View):
    """All that is on file about one person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "endpoint": "+12025550123",
                    "calls": [],
                    "contacts": [],
                    "consents": [],
                    "suppressions": [],
                    "inbound": [],
                    "registries": [],
                    "erased": [],
                }
            ]
        }
    )

    endpoint: str
    calls: list[PersonalCall]
    contacts: list[PersonalContact]
    consents: list[ConsentView]
    suppressions: list[SuppressionView]
    inbound: list[JsonObject] = Field(description="Calls and texts to your numbers.")
    registries: list[str] = Field(description="Imported registries that list the number.")
    erased: list[datetime] = Field(description="When this person's data were erased before.")
