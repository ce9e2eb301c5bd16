"""Pathways: what is said on a call."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api.http.schema import JsonObject, Name, Request, View
from storage.tables import Pathway

EXAMPLE: JsonObject = {
    "name": "Reminder",
    "kind": "script",
    "definition": {
        "variables": ["firstName", "time"],
        "start": "ask",
        "nodes": {
            "ask": {
                "kind": "gather",
                "text": "Hello {{firstName}}. See you {{time}}? Press 1 for yes, 2 for no.",
                "numDigits": 1,
                "branches": [
                    {"digits": "1", "speech": ["yes"], "next": "confirmed"},
                    {"digits": "2", "speech": ["no"], "next": "declined"},
                ],
                "otherwise": "goodbye",
            },
            "confirmed": {"kind": "outcome", "outcome": "confirmed", "next": "goodbye"},
            "declined": {"kind": "outcome", "outcome": "declined", "next": "goodbye"},
            "goodbye": {"kind": "hang_up", "text": "Goodbye."},
        },
    },
}

Kind = Literal["script", "conversation_relay", "stream", "twiml_url", "sip"]


class PathwayRequest(Request):
    """A new pathway, or all of an existing one. The definition's shape depends on its kind."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Name
    kind: Kind
    definition: JsonObject


class PathwayPatch(PathwayRequest):
    """The fields to change; the others stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Reminder, friendlier"}]})

    name: Name = ""
    kind: Kind = "script"
    definition: JsonObject = Field(default_factory=dict)


_SHOWN: JsonObject = {
    **EXAMPLE,
    "pathwayId": "5f0f6b1e-7a53-4a2f-9d1c-0c9a4f8f2a10",
    "createdTime": "2027-02-27T20:11:09Z",
    "updatedTime": "2027-02-27T20:11:09Z",
}


class PathwayView(View):
    """A pathway."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})

    pathway_id: str
    name: str
    kind: str
    definition: JsonObject
    created_time: datetime
    updated_time: datetime


class PathwayList(View):
    """`total` counts all of the account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pathways": [_SHOWN], "total": 1}]})

    pathways: list[PathwayView]
    total: int


def pathway_view(pathway: Pathway) -> PathwayView:
    """The row as the API shows it."""
    return PathwayView(**{name: getattr(pathway, name) for name in PathwayView.model_fields})
