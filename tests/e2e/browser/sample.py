"""A business to look at: calls that wait, ring and have ended in all ways, and campaigns.

Everybody in it is made up; their numbers are fictional (555-01xx).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.stack import Json, Stack
from tests.wait import wait_until

PEOPLE = (
    *("Ada Novak", "Bruno Okafor", "Carmen Lindqvist", "Dmitri Achebe", "Emre Sato"),
    *("Farah Duarte", "Goran Whitlock", "Hana Ibarra", "Idris Kowalski", "Jun Marchetti"),
    *("Kira Olsen", "Luca Haddad", "Mina Petrov", "Noor Castillo", "Omar Lindgren"),
    *("Petra Vance", "Quentin Asante", "Rosa Yilmaz", "Sven Calloway", "Tara Moreau"),
)
_CITIES = ("212", "312", "415", "305", "206", "617", "512", "602")
_TIMES = ("Monday at nine", "Monday at half past ten", "Tuesday at two", "Thursday at four")
#: How the first calls end, one after another; the last letter of a number tells its behaviour.
_ENDINGS: tuple[Any, ...] = (
    {"answer": {"after": 2, "by": "human", "digits": "1"}},
    {"answer": {"after": 3, "by": "human", "digits": "2"}},
    {"answer": {"after": 4, "by": "machine"}},
    {"answer": {"after": 2, "by": "human", "speech": "yes"}},
    "no-answer",
    {"answer": {"after": 2, "by": "human", "digits": "1"}},
    "invalid",
    {"answer": {"after": 2, "by": "human", "digits": "9"}},
)
_CONFIRMS = _ENDINGS[0]
#: Some are brief, some talk for so long that they still do when they are looked at.
_SURVEYED: list[Any] = [
    {"answer": {"after": 5, "by": "human", "talk": 20}},
    "busy",
    {"answer": {"after": 3, "by": "human", "talk": 12}},
    {"answer": {"after": 4, "by": "human", "talk": 1700}},
]
_TALK = (
    ("agent", "Hello Ada, this is Blue Clinic about your appointment on Monday at nine."),
    ("Ada", "Yes, I will be there. May I bring my son along?"),
    ("agent", "Of course. We are looking forward to seeing you both."),
)


def furnish(stack: Stack, webhook: str | None = None) -> dict[str, str]:
    """Make it, and wait until it is lively; returns the ids that `pages` names."""
    if webhook:
        stack.post("/api/v1/webhooks", {"url": webhook})
    brief = {"maxAttempts": 2, "busy": "PT1S", "noAnswer": "PT1S", "networkError": "PT1S"}
    agent = stack.agent(
        name="Blue Clinic reminders",
        recording=True,
        maxConcurrent=30,
        ringTimeout=10,
        retry=brief,
    )
    survey = stack.agent(name="Autumn survey", pathwayId=stack.talk(), maxConcurrent=6)
    ended = [_submit(stack, agent, n, ending) for n, ending in enumerate(_ENDINGS)]
    waiting = [_submit_for_later(stack, agent, n) for n in range(9)]
    _promise(stack, waiting)
    _suppress(stack)
    campaign = _campaign(stack, agent, "March recalls", 40, [*_ENDINGS, "busy"], 30)
    running = _campaign(stack, survey, "How was your visit?", 48, _SURVEYED, 6)
    draft = _draft(stack, agent)
    told = _hook(stack)
    stack.wait_for_ends(ended)
    _report(stack, ended[0])
    wait_until(lambda: _status(stack, campaign) == "Completed", "the campaign is over")
    wait_until(lambda: _in_progress(stack) >= 6, "six are talking")
    return {
        "call": ended[0],
        "waiting": waiting[1],
        "campaign": running,
        "ended": campaign,
        "draft": draft,
        "agent": agent,
        "pathway": stack.api.get(f"/api/v1/agents/{agent}").json()["pathwayId"],
        "link": _invited(stack),
        "target": _target(stack),
        **_compliance(stack),
        **_delivery(stack, told),
    }


def _invited(stack: Stack) -> str:
    """Who is to work there; what the last of them has a link with."""
    link = ""
    for n, role in enumerate(("admin", "operator", "operator", "viewer")):
        first, _, last = PEOPLE[n].lower().partition(" ")
        body = {"email": f"{first}.{last}@example.com", "name": PEOPLE[n], "role": role}
        link = stack.post("/api/v1/people", body)["link"].rpartition("/")[2]
    return link


def _target(stack: Stack) -> str:
    """Whom callees may be put through to: one who is there, and one who is not."""
    always = {"name": "front-desk", "endpoint": _number(95), "needsKey": True}
    stack.post("/api/v1/transfer-targets", always)
    never = {
        "name": "billing",
        "endpoint": _number(96),
        "timezone": "America/New_York",
        "hours": {},
        "whisper": "A call about {{appointment}}.",
        "warm": True,
        "introduction": "Here is the billing desk.",
        "holdText": "We are asking a colleague. Please hold the line.",
    }
    return str(stack.post("/api/v1/transfer-targets", never)["targetId"])


def _hook(stack: Stack) -> str:
    """A webhook of ours that nobody answers well: the API's own health is only looked at."""
    url = f"{stack.ready['api']}/healthz"
    body = {"url": url, "description": "The clinic's calendar", "events": ["campaign.completed"]}
    return str(stack.post("/api/v1/webhooks", body)["webhookId"])


def _delivery(stack: Stack, webhook_id: str) -> dict[str, str]:
    path = f"/api/v1/webhooks/{webhook_id}"
    stack.post(f"{path}/test", {}, 200)

    def newest() -> Any:
        return stack.api.get(f"{path}/deliveries").json()["deliveries"]

    made = wait_until(newest, "the webhook was told")
    return {"webhook": webhook_id, "delivery": str(made[0]["deliveryId"])}


def _compliance(stack: Stack) -> dict[str, str]:
    """A consent, a blackout, a waiver, an acknowledgement."""
    person = {"endpoint": _number(90), "tier": "written", "method": "paper form"}
    consent = stack.post("/api/v1/consents", person)["consentId"]
    storm = {
        "id": "storm",
        "kind": "blackout",
        "jurisdiction": "US-FL",
        "startsAt": "2031-09-01T00:00:00-04:00",
        "endsAt": "2031-09-04T00:00:00-04:00",
        "note": "Nobody is called while a hurricane passes",
    }
    overlay = stack.post("/api/v1/compliance/overlays", storm)["overlayId"]
    waiver = {"rule": "us.registry", "reason": "Patients only, who asked to be called"}
    met = {"prerequisite": "us-tx.solicitation_registration", "reference": "2026-0104"}
    stack.post("/api/v1/compliance/acknowledgements", met)
    return {
        "consent": consent,
        "overlay": overlay,
        "rule": _waived(stack, waiver),
        "prerequisite": met["prerequisite"],
    }


def _waived(stack: Stack, waiver: Json) -> str:
    found = stack.api.get("/api/v1/compliance/waivers").json()["waivers"]
    if found:
        return str(found[0]["rule"])
    stack.post("/api/v1/compliance/waivers", waiver)
    return str(waiver["rule"])


def _number(n: int) -> str:
    return f"+1{_CITIES[n % len(_CITIES)]}5550{100 + n % 100}"


def _context(n: int) -> Json:
    return {"name": PEOPLE[n % len(PEOPLE)], "appointment": _TIMES[n % len(_TIMES)]}


def _submit(stack: Stack, agent: str, n: int, ending: Any, **more: Any) -> str:
    stack.script(_number(n), ending)
    told = {"context": _context(n), "additionalData": {"crmId": f"C-{1001 + n}"}, **more}
    return stack.submit(agent, _number(n), **told)


def _submit_for_later(stack: Stack, agent: str, n: int) -> str:
    start = datetime.now(UTC) + timedelta(hours=3 + 5 * n)
    schedule = {"notBefore": start.isoformat(timespec="minutes")}
    more: Json = {"schedule": schedule, "priority": (5, 7, 3)[n % 3]}
    if n % 2:
        more["callDeadline"] = (start + timedelta(days=1)).isoformat(timespec="minutes")
    if n == 1:
        evening = {"start": "18:00", "end": "20:00"}
        home = {"endpoint": _number(40), "type": "home", "hours": evening}
        more |= {"endpointType": "mobile", "otherNumbers": [home, {"endpoint": _number(41)}]}
    return _submit(stack, agent, 20 + n, _CONFIRMS, **more)


def _promise(stack: Stack, waiting: list[str]) -> None:
    """Two who asked for another time: one by day, one at night."""
    day = datetime.now(UTC) + timedelta(days=2)
    # Of those without a deadline.
    for call_id, hour in zip(waiting[2:5:2], ("16:00", "23:30"), strict=True):
        stack.post(f"/api/v1/calls/{call_id}/promise", {"at": f"{day:%Y-%m-%d}T{hour}:00"}, 200)


def _suppress(stack: Stack) -> None:
    for n, why in enumerate(("asked by mail", "moved away", "said so at the desk")):
        stack.post("/api/v1/suppressions", {"endpoint": _number(80 + n), "reason": why})


def _campaign(stack: Stack, agent: str, name: str, size: int, endings: list[Any], most: int) -> str:
    body = {"name": name, "agentId": agent, "maxConcurrent": most}
    campaign_id = str(stack.post("/api/v1/campaigns", body)["campaignId"])
    people = [(f"+1{(most + n) % 9 + 201}5550{100 + n:03}", n) for n in range(size)]
    for number, n in people:
        stack.script(number, endings[n % len(endings)])
    contacts = [{"endpoint": number, "context": _context(n)} for number, n in people]
    stack.post(f"/api/v1/campaigns/{campaign_id}/contacts", {"contacts": contacts}, 202)
    stack.post(f"/api/v1/campaigns/{campaign_id}/start", {}, 200)
    return campaign_id


def _draft(stack: Stack, agent: str) -> str:
    """A list that was uploaded with some rows that are wrong."""
    body = {"name": "April check-ups", "agentId": agent, "maxConcurrent": 10}
    campaign_id = str(stack.post("/api/v1/campaigns", body)["campaignId"])
    rows = [f"{PEOPLE[n % 20]},{_number(n)},{_TIMES[n % 4]}" for n in range(60)]
    wrong = ["Uma Feld,555-01,Monday at ten", "Vito Rao,none,Monday at ten", rows[0]]
    sent = "\n".join(["Name,Phone,Appointment", *rows, *wrong])
    answer = stack.api.post(
        f"/api/v1/campaigns/{campaign_id}/contacts/upload",
        content=sent.encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code in (200, 201, 202), answer.text
    return campaign_id


def _report(stack: Stack, call_id: str) -> None:
    """What an AI agent tells afterwards."""
    body = {
        "outcome": "confirmed",
        "summary": "Ada confirmed Monday at nine and brings her son.",
        "result": {"slot": "Monday at nine", "companions": 1},
        "transcript": [{"speaker": speaker, "text": text} for speaker, text in _TALK],
    }
    stack.post(f"/api/v1/calls/{call_id}/outcome", body, 200)


def _status(stack: Stack, campaign_id: str) -> str:
    return str(stack.api.get(f"/api/v1/campaigns/{campaign_id}").json()["status"])


def _in_progress(stack: Stack) -> int:
    query = {"status": "InProgress"}
    return int(stack.api.get("/api/v1/calls", params=query).json()["total"])
