"""How the steps of a campaign look, and how many contacts stand where."""

from pydantic import ConfigDict, Field

from api.follow_ups.schemas import EXAMPLE
from api.http.schema import JsonObject, View


class StepCount(View):
    """`step` is "" for the campaign's own call."""

    step: str
    state: str
    contacts: int


class TextCount(View):
    step: str
    state: str
    texts: int


class StepsView(View):
    """As it was said, and where everybody is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **EXAMPLE,
                    "contacts": [{"step": "a day", "state": "waiting", "contacts": 41}],
                    "texts": [{"step": "text", "state": "sent", "texts": 52}],
                }
            ]
        }
    )

    next: JsonObject
    steps: JsonObject
    contacts: list[StepCount] = Field(
        description="`calling`, `texting`, `waiting`, or `over` at the step that was the last."
    )
    texts: list[TextCount] = Field(
        description="`due`, `sending`, `sent`, `refused`, `failed`, or `unknown`; once the carrier "
        "has told more, its word: `queued`, `sent`, `delivered`, `undelivered`, `failed`."
    )
