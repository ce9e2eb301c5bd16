"""What a person does with campaigns, in a browser on the running stack."""

import pytest
from playwright.sync_api import FilePayload

from tests.e2e.browser.visitor import Visitor
from tests.e2e.stack import TALKS_FOR_LONG, Stack

pytestmark = pytest.mark.e2e

#: As offices keep lists: a title, semicolons, columns by other names, a number twice, one too
#: short, a row without a name, an empty one.
MESSY = """\
Patients of the week;;;
Kunde;Telefon;Ort;Notiz
Ada Novak;(718) 555-0130;Albany;
Bruno Okafor;718.555.0131;Bronx;"likes; semicolons"
;;;
Carmen Lindqvist;+1 718 555 0132;Queens;
Dmitri Achebe;555-01;Yonkers;too short
Ada Novak;718-555-0130;Albany;twice
Emre Sato;1 (718) 555 0134;Utica;
""".encode("utf-8-sig")
ALL_WELL = ("+17185550130", "+17185550131", "+17185550132", "+17185550133", "+17185550134")


def test_a_messy_file_becomes_a_campaign_that_is_seen_to_its_end(
    stack: Stack, visitor: Visitor
) -> None:
    for number in ALL_WELL:
        stack.script(number, {"answer": {"after": 1, "by": "human", "digits": "1"}})
    upload(visitor, stack.agent())
    mend(visitor)
    look_ahead_and_start(visitor)
    visitor.stay()
    visitor.heading("Completed").wait_for()
    visitor.page.get_by_text("5 of 5 ended").wait_for()
    assert visitor.stayed()
    assert {leg["to"] for leg in stack.legs()} >= set(ALL_WELL)


def upload(visitor: Visitor, agent: str) -> None:
    """The file is dropped, its columns are settled, its rows are loaded."""
    page = visitor.page
    visitor.go("/campaigns/new")
    page.get_by_label("Agent: who calls").select_option(agent)
    file: FilePayload = {"name": "patients.csv", "mimeType": "text/csv", "buffer": MESSY}
    page.get_by_label("Drop a CSV or Excel file here").set_input_files(file)
    page.get_by_role("heading", name="What the columns are").wait_for()
    page.get_by_label("Telefon").locator("option:checked", has_text="the phone number").wait_for(
        state="attached"
    )
    # Whoever made a field larger finds it so, and the page's policy has nothing against it.
    page.get_by_label("Telefon").evaluate("one => one.style.minHeight = '3rem'")
    with page.expect_response("**/campaigns/new"):
        page.get_by_label("Kunde").select_option(label="fills {{name}}")
    page.locator("select[style]", has=page.locator("option:checked")).wait_for()
    page.get_by_role("button", name="Load 6 rows").click()
    visitor.heading("patients").wait_for()


def mend(visitor: Visitor) -> None:
    """What can be mended is mended on the page; the rest is forgotten."""
    page = visitor.page
    page.get_by_label("Number in row 7").fill("(718) 555-0133")
    page.get_by_role("button", name="Check them again").click()
    page.get_by_role("cell", name="Number in row 7").wait_for(state="detached")
    visitor.confirm("Forget the rejected rows…", "Yes, forget them")
    page.get_by_text("5 people are called within their windows").wait_for()


def look_ahead_and_start(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("heading", name="Who may be called, and when").wait_for()
    page.get_by_role("heading", name="How it would go").wait_for()
    page.get_by_label("Calls at once").fill("1")
    page.get_by_role("button", name="Forecast").click()
    page.get_by_text("calls at once, of 1").wait_for()
    visitor.confirm("Start…", "Yes, start calling")


def test_a_campaign_is_paused_and_goes_on(stack: Stack, visitor: Visitor) -> None:
    numbers = [f"+1646555{n:04}" for n in range(150, 158)]
    for number in numbers:
        stack.script(number, TALKS_FOR_LONG)
    agent = stack.agent(pathwayId=stack.talk())
    body = {"name": "Autumn checks", "agentId": agent, "maxConcurrent": 2}
    path = f"/api/v1/campaigns/{stack.post('/api/v1/campaigns', body)['campaignId']}"
    stack.post(f"{path}/contacts", {"contacts": [{"endpoint": one} for one in numbers]}, 202)
    stack.post(f"{path}/start", {}, 200)
    visitor.go(path.removeprefix("/api/v1"))
    visitor.page.get_by_text("2 in flight").wait_for()
    visitor.confirm("Pause…", "Yes, pause it")
    visitor.heading("Paused").wait_for()
    visitor.confirm("Resume…", "Yes, go on")
    visitor.heading("Running").wait_for()
    visitor.confirm("Cancel…", "Yes, cancel the campaign")
    visitor.heading("Canceled").wait_for()
