"""Agents on pages: listed with what they do, made, changed, switched off and deleted."""

from typing import Any

import pytest

from tests.api.worker import Worker
from tests.api.world import World
from tests.dashboard.browser import HOME, Browser, read

PAGES = f"{HOME}/agents"
HOURS = {"mon": [{"start": "09:00", "end": "12:00"}]}


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    await browser.sign_in()


def filled(**changes: str) -> dict[str, str]:
    """The form of a new agent as somebody sends it."""
    usual = {"name": "Blue Clinic", "timezone": "America/New_York", "caller_ids": "+1 202 555 0100"}
    return {**usual, "enabled": "yes", "when": "always", "voice": "artificial", **changes}


async def shown(world: World, agent_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await world.http.get(f"/api/v1/agents/{agent_id}")).json()
    return found


async def test_without_an_agent_the_list_says_what_to_do_first(browser: Browser):
    html = await browser.html(PAGES)
    assert "No agents yet" in html
    assert f'href="{HOME}/pathways/new"' in html
    assert f'href="{PAGES}/new"' in html


async def test_the_list_says_what_each_is_doing(browser: Browser, worker: Worker):
    world = browser.world
    agent_id = await world.agent(
        name="Blue Clinic", businessHours=HOURS, maxConcurrent=5, callsPerMinute=60
    )
    await worker.sleeping(agentId=agent_id)
    call_id = await world.call(agentId=agent_id, endpoint="+12125550124")
    await world.dial(call_id)
    page = await browser.page(PAGES)
    assert "Blue Clinic 1 of 5 live, 1 waiting Mon 09:00–12:00 America/New York" in page
    assert "5 at once, 60 a minute" in page


async def test_an_agent_says_all_that_is_set(browser: Browser):
    world = browser.world
    pathway_id = await world.pathway(name="March")
    agent_id = await world.agent(
        name="Blue Clinic",
        pathwayId=pathway_id,
        businessHours=HOURS,
        voicemail={"action": "leave_message", "message": "Call us."},
        retry={"maxAttempts": 5, "busy": "PT2H"},
        inbound={"waitingCall": "complete", "transferTo": "+12025550101"},
        recording=True,
    )
    html = await browser.html(f"{PAGES}/{agent_id}")
    page = read(html)
    assert f'href="{HOME}/pathways/{pathway_id}">March' in html
    for said in (
        "Mon 09:00–12:00",
        "at most 5 tries; after busy 2 h later",
        "it is left a message: “Call us.”",
        "a call that waits for them ends as completed; is put through to +12025550101",
        "Recorded yes",
    ):
        assert said in page


async def test_an_agent_is_made_from_the_form(browser: Browser):
    made = await browser.send(
        f"{PAGES}/new",
        303,
        **filled(
            when="hours",
            hours_mon="9-12, 13:00-17:30",
            max_concurrent="5",
            calls_per_minute="60",
            ring_timeout="25",
            attempts="4",
            no_answer="1.5",
            voicemail="leave_message",
            message="Call us.",
            identity="Blue Clinic",
            words_ai="I am a computer.",
            inbound="pause",
            recording="yes",
        ),
    )
    assert "The agent is saved." in await browser.follow(made)
    found = await shown(browser.world, made.headers["location"].rpartition("/")[2])
    assert found["callerIds"] == ["+12025550100"]
    assert found["businessHours"]["mon"][1] == {"start": "13:00", "end": "17:30"}
    assert found["retry"] == {"maxAttempts": 4, "noAnswer": "PT5400S"}
    assert found["identity"] == {"name": "Blue Clinic", "words": {"ai": "I am a computer."}}
    assert found["inbound"] == {"waitingCall": "pause"}
    assert (found["ringTimeout"], found["maxConcurrent"], found["recording"]) == (25, 5, True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"caller_ids": "+12025550100\n12"}, "caller_ids"),
        ({"when": "hours", "hours_tue": "noon"}, "hours_tue"),
        ({"when": "hours", "hours_tue": "09:00-25:00"}, "hours_tue"),
        ({"max_concurrent": "many"}, "max_concurrent"),
        ({"calls_per_minute": "0"}, "calls_per_minute"),
        ({"ring_timeout": "1"}, "ring_timeout"),
        ({"busy": "soon"}, "busy"),
        ({"attempts": "99"}, "attempts"),
        ({"voicemail": "leave_message"}, "message"),
        ({"callback": "+12025550100"}, "identity"),
        ({"identity": "Blue", "callback": "12"}, "callback"),
        ({"identity": "Blue", "words_ai": "{{"}, "words_ai"),
        ({"inbound_transfer": "12"}, "inbound_transfer"),
        ({"pathway": "nothing"}, "pathway"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
async def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(
    browser: Browser, changes: dict[str, str], field: str
):
    form = filled(inbound_say="Never again.", **changes)
    html = (await browser.send(f"{PAGES}/new", 422, **form)).text
    assert f'id="{field}-error"' in html
    assert 'value="Never again."' in html
    assert (await browser.world.http.get("/api/v1/agents")).json()["total"] == 0


async def test_only_what_was_changed_is_changed(browser: Browser):
    world = browser.world
    agent_id = await world.agent(businessHours=HOURS, retry={"maxAttempts": 5}, maxConcurrent=3)
    before = await shown(world, agent_id)
    html = await browser.html(f"{PAGES}/{agent_id}/edit")
    assert 'value="09:00-12:00"' in html
    form = filled(
        name="Other",
        caller_ids="\n".join(before["callerIds"]),
        pathway=before["pathwayId"],
        purpose="reminder",
        when="hours",
        hours_mon="09:00-12:00",
        max_concurrent="4",
        ring_timeout="30",
        max_duration="1800",
        attempts="5",
        voicemail="hang_up",
        identity=before["identity"]["name"],
        callback=before["identity"].get("callbackNumber", ""),
    )
    await browser.send(f"{PAGES}/{agent_id}/edit", 303, **form)
    after = await shown(world, agent_id)
    changed = {name for name in before if before[name] != after[name]} - {"updatedTime"}
    assert changed == {"name", "maxConcurrent"}


async def test_one_asks_first_what_a_change_would_move(browser: Browser, worker: Worker):
    world = browser.world
    agent_id = await world.agent()
    await worker.sleeping(agentId=agent_id)
    form = filled(when="hours", step="try", identity="Blue Clinic", callback="+12025550100")
    page = read((await browser.send(f"{PAGES}/{agent_id}/edit", 200, **form)).text)
    assert "If you save this" in page
    assert "Nothing is changed yet." in page
    assert (await shown(world, agent_id))["name"] == "tests"


async def test_an_agent_is_switched_off_and_on_and_deleted(browser: Browser):
    world = browser.world
    agent_id = await world.agent()
    await browser.send(f"{PAGES}/{agent_id}/disable")
    assert (await shown(world, agent_id))["isEnabled"] is False
    await browser.send(f"{PAGES}/{agent_id}/enable")
    assert (await shown(world, agent_id))["isEnabled"] is True
    deleted = await browser.send(f"{PAGES}/{agent_id}/delete")
    assert "The agent is deleted." in await browser.follow(deleted)
    await browser.page(f"{PAGES}/{agent_id}", 404)


async def test_a_call_leads_to_its_agent_and_its_pathway(browser: Browser):
    world = browser.world
    pathway_id = await world.pathway()
    agent_id = await world.agent(pathwayId=pathway_id)
    call_id = await world.call(agentId=agent_id)
    html = await browser.html(f"{HOME}/calls/{call_id}")
    assert f'href="{PAGES}/{agent_id}"' in html
    assert f'href="{HOME}/pathways/{pathway_id}"' in html
    assert f'href="{HOME}/calls?agent={agent_id}"' in await browser.html(f"{PAGES}/{agent_id}")


async def test_a_campaign_leads_to_its_agent_and_its_pathway_and_back(browser: Browser):
    world = browser.world
    pathway_id = await world.pathway()
    agent_id = await world.agent(pathwayId=pathway_id)
    body = {"name": "March", "agentId": agent_id, "pathwayId": pathway_id}
    campaign = (await world.post("/api/v1/campaigns", body))["campaignId"]
    html = await browser.html(f"{HOME}/campaigns/{campaign}")
    assert f'href="{PAGES}/{agent_id}"' in html
    assert f'href="{HOME}/pathways/{pathway_id}"' in html
    for page in (f"{PAGES}/{agent_id}", f"{HOME}/pathways/{pathway_id}"):
        assert f'href="{HOME}/campaigns/{campaign}"' in await browser.html(page)


async def test_whoever_may_only_look_sees_and_changes_nothing(browser: Browser):
    agent_id = await browser.world.agent()
    browser.http.cookies.clear()
    await browser.sign_in_with(["agents:read"])
    html = await browser.html(f"{PAGES}/{agent_id}")
    for action in ("/edit", "/disable", "/delete", "/calls/new"):
        assert action not in html
    await browser.page(f"{PAGES}/new", 403)
    await browser.page(f"{PAGES}/{agent_id}/edit", 403)
    for action in ("edit", "disable", "enable", "delete"):
        await browser.send(f"{PAGES}/{agent_id}/{action}", 403, **filled())
    await browser.send(f"{PAGES}/new", 403, **filled())
    assert (await shown(browser.world, agent_id))["isEnabled"] is True
