"""What campaigns look like, for the OpenAPI document. Every number is a fictional one."""

from pydantic import ConfigDict

from api.http.schema import JsonObject

CAMPAIGN: JsonObject = {
    "campaignId": "3f1c0a52-7f0e-4a56-9a2e-2f8f3a1f6b10",
    "name": "March reminders",
    "status": "Running",
    "reason": None,
    "detail": None,
    "agentId": "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55",
    "pathwayId": None,
    "priority": 5,
    "maxConcurrent": 10,
    "callsPerMinute": 60,
    "timezone": "America/New_York",
    "schedule": {"notBefore": None, "window": None, "callDeadline": None},
    "defaults": {},
    "breaker": {"isEnabled": True, "minDials": 20, "failureShare": 0.5},
    "spendLimit": None,
    "goal": {"outcomes": ["confirmed"], "target": 200},
    "sourceCampaignId": None,
    "workflowId": "campaign-3f1c0a52-7f0e-4a56-9a2e-2f8f3a1f6b10",
    "createdTime": "2027-03-01T14:00:00Z",
    "updatedTime": "2027-03-01T14:00:00Z",
    "startedTime": "2027-03-01T14:05:00Z",
    "pausedTime": None,
    "completedTime": None,
}
PROGRESS: JsonObject = {
    "contacts": {"staged": 480, "invalid": 2, "called": 120, "dropped": 0},
    "statuses": {"Queued": 12, "InProgress": 8, "Completed": 100},
    "outcomes": {"confirmed": 80, "voicemail": 20},
    "attempts": 131,
    "inFlight": 8,
    "lastInFlightEndsBy": None,
    "waiting": {"slot": 4, "window": 0, "retry": 8},
    "callsPerMinute": 22.5,
    "endedPerMinute": 20.0,
    "spent": 1_834_000,
    "eta": "2027-03-01T14:40:00Z",
    "deadlineRisk": None,
    "goal": {
        "met": None,
        "reachedAt": None,
        "found": 80,
        "target": 200,
        "segments": [],
        "spent": 1_834_000,
        "spend": None,
        "until": None,
        "neverCalled": 0,
    },
}
LOADED: JsonObject = {
    "accepted": 480,
    "rejected": 1,
    "errors": [
        {"row": 7, "code": "invalid_number", "field": "endpoint", "message": "Not a number."}
    ],
    "phoneColumn": "phone",
    "phoneColumnReason": "name",
    "header": ["name", "phone"],
    "headerRow": 1,
    "titleRows": [],
    "columns": {"name": "Customer Name"},
}
CONTACT: JsonObject = {
    "contactId": 1,
    "row": 1,
    "state": "called",
    "endpoint": "+12025550123",
    "extension": None,
    "clientToken": None,
    "timezone": None,
    "context": {"name": "Ada"},
    "numbers": [],
    "readyAt": None,
    "callId": "6f5d1f0e-9d5b-4c43-9a4e-5b4b2c7d8e90",
    "error": None,
}
REJECTED: JsonObject = {
    **CONTACT,
    "contactId": 18,
    "row": 7,
    "state": "invalid",
    "endpoint": "202555",
    "callId": None,
    "error": {
        "row": 7,
        "code": "invalid_number",
        "field": "endpoint",
        "message": "This is no phone number.",
    },
}
PREFLIGHT: JsonObject = {
    "contacts": 480,
    "ready": 400,
    "later": 80,
    "refused": 0,
    "invalid": 2,
    "extensions": {"contacts": 3, "use": "dial"},
    "reasons": {"permitted": 400, "calling_hours": 80},
    "nextAt": "2027-03-01T14:05:00Z",
    "endsAt": "2027-03-01T16:10:00Z",
    "willMiss": 0,
    "zones": [],
    "rows": [],
    "notes": [
        "It ends as soon as 200 of its calls have ended as confirmed; who is left then is not "
        "called."
    ],
}


def shown(example: JsonObject) -> ConfigDict:
    """The configuration of a view that shows this example."""
    return ConfigDict(json_schema_extra={"examples": [example]})
