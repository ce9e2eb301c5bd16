"""Pathways on pages: listed, shown, written with their faults at their nodes, rehearsed."""

import json
from typing import Any

import pytest

from tests.api.world import PATHWAY, World
from tests.dashboard.browser import HOME, Browser, read

PAGES = f"{HOME}/pathways"
BROKEN = {
    **PATHWAY["definition"],
    "nodes": {
        **PATHWAY["definition"]["nodes"],
        "yes": {"kind": "outcome", "outcome": "sold", "next": "bye"},
        "no": {"kind": "outcome", "outcome": "declined"},
    },
}


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    await browser.sign_in()


def typed(**changes: Any) -> dict[str, str]:
    """The editor as somebody sends it."""
    definition = changes.pop("definition", PATHWAY["definition"])
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return {"name": "Reminder", "kind": "script", "definition": text, **changes}


async def shown(world: World, pathway_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await world.http.get(f"/api/v1/pathways/{pathway_id}")).json()
    return found


async def test_without_a_pathway_the_list_says_what_to_do_first(browser: Browser):
    page = await browser.page(PAGES)
    assert "No pathways yet" in page
    assert "Begin with an example" in page


async def test_the_list_says_who_speaks_what(browser: Browser):
    world = browser.world
    pathway_id = await world.pathway(name="March")
    agent_id = await world.agent(name="Blue Clinic", pathwayId=pathway_id)
    html = await browser.html(PAGES)
    assert f'href="{PAGES}/{pathway_id}"' in html
    assert f'href="{HOME}/agents/{agent_id}">Blue Clinic' in html
    assert "script 4 nodes" in read(html)


async def test_a_pathway_is_drawn_and_told_node_by_node(browser: Browser):
    world = browser.world
    pathway_id = await world.pathway()
    agent_id = await world.agent(name="Blue Clinic", pathwayId=pathway_id)
    html = await browser.html(f"{PAGES}/{pathway_id}")
    assert "4 nodes and 5 ways between them, from ask down." in html
    assert 'class="node is-outcome good"' in html
    page = read(html)
    assert "ask gather, the first" in page
    assert "1 → yes 2 → no anything else → bye" in page
    assert "Uses if given name" in page
    assert f'href="{HOME}/agents/{agent_id}"' in html


async def test_what_is_no_script_says_where_the_call_is_put_through(browser: Browser):
    made = await browser.world.pathway(kind="sip", definition={"uri": "sip:desk@example.com"})
    page = await browser.page(f"{PAGES}/{made}")
    assert "whoever answers at a SIP address" in page
    assert "uri sip:desk@example.com" in page


async def test_a_new_pathway_begins_with_an_example_that_can_be_saved(browser: Browser):
    for kind in ("script", "conversation_relay", "stream", "twiml_url", "sip"):
        page = await browser.page(f"{PAGES}/new?kind={kind}")
        assert "Nothing is wrong with it" in page


async def test_a_pathway_is_made_and_changed(browser: Browser):
    world = browser.world
    made = await browser.send(f"{PAGES}/new", 303, **typed(step="save"))
    assert "The pathway is saved." in await browser.follow(made)
    pathway_id = made.headers["location"].rpartition("/")[2]
    await browser.send(f"{PAGES}/{pathway_id}/edit", 303, **typed(name="Other", step="save"))
    found = await shown(world, pathway_id)
    assert (found["name"], found["definition"]) == ("Other", PATHWAY["definition"])


async def test_each_fault_is_said_at_its_node_and_nothing_typed_is_lost(browser: Browser):
    pathway_id = await browser.world.pathway()
    before = await shown(browser.world, pathway_id)
    form = typed(definition=BROKEN, step="save", name="Mine")
    answer = await browser.send(f"{PAGES}/{pathway_id}/edit", 422, **form)
    page = read(answer.text)
    assert "2 things are wrong with it. Each is said at its node." in page
    assert "yes outcome sold outcome: One of completed, confirmed, declined, opted_out." in page
    assert "no outcome declined next: The call would not know how to go on." in page
    assert answer.text.count('class="mark"') == 2
    assert 'value="Mine"' in answer.text
    assert "&#34;sold&#34;" in answer.text
    assert await shown(browser.world, pathway_id) == before


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ('{\n"start": }', "This is not JSON (line 2, column 10"),
        ("[]", "Must be an object in braces."),
        ('{"a": "\\u0000"}', "This cannot be stored."),
        ("[" * 5000, "This cannot be stored."),
        ("{}", "start: Names the first node."),
    ],
)
async def test_what_is_no_definition_is_told_at_the_field(
    browser: Browser, definition: str, said: str
):
    form = typed(definition=definition, step="save")
    page = read((await browser.send(f"{PAGES}/new", 422, **form)).text)
    assert said in page


async def test_a_draft_is_looked_through_while_it_is_typed(browser: Browser):
    answer = await browser.send(f"{PAGES}/check", 200, **typed(definition=BROKEN))
    assert "<html" not in answer.text
    assert "2 things are wrong" in read(answer.text)
    good = await browser.send(f"{PAGES}/check", 200, **typed())
    assert "Nothing is wrong with it" in read(good.text)
    assert (await browser.world.http.get("/api/v1/pathways")).json()["total"] == 0


async def test_a_pathway_in_use_is_not_deleted(browser: Browser):
    world = browser.world
    pathway_id, free = await world.pathway(), await world.pathway()
    await world.agent(pathwayId=pathway_id)
    await browser.send(f"{PAGES}/{pathway_id}/delete", 409)
    assert "The pathway is deleted." in await browser.follow(
        await browser.send(f"{PAGES}/{free}/delete")
    )


async def test_a_rehearsal_goes_step_by_step_and_back(browser: Browser):
    pathway_id = await browser.world.pathway()
    path = f"{PAGES}/{pathway_id}/rehearsal"
    page = await browser.page(path)
    assert "Hello there. Press 1 to confirm." in page
    assert "Waits 5 s for keys or speech." in page
    said = {"context.name": "Ada"}
    html = (await browser.send(path, 200, step="1", **said)).text
    assert "Hello Ada. Press 1 to confirm." in html
    assert "Presses 1 yes → bye Goodbye. Reports confirmed We hang up. Outcome: confirmed" in read(
        html
    )
    assert 'class="node is-gather walked"' in html
    assert 'name="taken" value="1"' in html
    back = (await browser.send(path, 200, step="back", taken="1", **said)).text
    assert "What do you do?" in back
    assert 'name="taken"' not in back


@pytest.mark.parametrize(
    ("typed_text", "did"), [("2", "Presses 2"), ("oh no", "Says “oh no”"), ("", "What do you do?")]
)
async def test_what_is_typed_is_keys_or_speech(browser: Browser, typed_text: str, did: str):
    path = f"{PAGES}/{await browser.world.pathway()}/rehearsal"
    answer = await browser.send(path, 200, step="again", typed=typed_text)
    assert did in read(answer.text)


async def test_the_agent_that_speaks_it_is_the_one_it_is_rehearsed_with(browser: Browser):
    world = browser.world
    pathway_id = await world.pathway()
    leaves = {"action": "leave_message", "message": "Call back, {{name}}."}
    agent_id = await world.agent(name="Blue", pathwayId=pathway_id, voicemail=leaves)
    html = await browser.html(f"{PAGES}/{pathway_id}/rehearsal")
    assert f'value="{agent_id}" selected' in html
    said = {"agent": agent_id, "context.name": "Ada", "step": "machine"}
    answer = await browser.send(f"{PAGES}/{pathway_id}/rehearsal", 200, **said)
    page = read(answer.text)
    assert "A machine answers Call back, Ada." in page
    assert "Outcome: voicemail" in page


async def test_a_draft_is_rehearsed_and_leads_back_to_its_editor(browser: Browser):
    answer = await browser.send(f"{PAGES}/rehearsal", 200, **typed(step="over"))
    assert "Rehearsal of a draft" in read(answer.text)
    assert f'action="{PAGES}/new"' in answer.text
    wrong = await browser.send(f"{PAGES}/rehearsal", 422, **typed(definition=BROKEN, step="over"))
    assert "It cannot be rehearsed yet" in read(wrong.text)
    assert (await browser.world.http.get("/api/v1/pathways")).json()["total"] == 0


async def test_whoever_may_only_look_sees_and_rehearses_and_changes_nothing(browser: Browser):
    pathway_id = await browser.world.pathway()
    browser.http.cookies.clear()
    await browser.sign_in_with(["pathways:read"])
    html = await browser.html(f"{PAGES}/{pathway_id}")
    assert "/edit" not in html
    assert "/delete" not in html
    assert "Hello there" in await browser.page(f"{PAGES}/{pathway_id}/rehearsal")
    await browser.page(f"{PAGES}/new", 403)
    await browser.page(f"{PAGES}/{pathway_id}/edit", 403)
    await browser.send(f"{PAGES}/new", 403, **typed(step="save"))
    await browser.send(f"{PAGES}/{pathway_id}/delete", 403)
    await browser.page(f"{HOME}/agents", 403)


async def test_what_is_written_is_escaped(browser: Browser):
    nodes = {"<b>": {"kind": "hang_up", "text": "<script>alert(1)</script>"}}
    made = await browser.world.pathway(name="<i>", definition={"start": "<b>", "nodes": nodes})
    for path in ("", "/edit", "/rehearsal"):
        html = await browser.html(f"{PAGES}/{made}{path}")
        assert "<script>alert" not in html
        assert "<b>" not in html
