"""A draft made ready: rows mended where they stand, a look ahead, a forecast, then the start."""

import re

import pytest

from tests.api.campaigns.test_campaigns import made, person
from tests.api.world import World
from tests.dashboard.browser import HOME, Browser, read
from tests.dashboard.campaigns.pages import contacts, kept, loaded, sent

MESSY = (
    "name,phone\n"
    "Ada,(212) 555-0123\n"
    "Bob,none\n"
    "Cid,(212) 555-0123\n"
    "Dot,2.125550125E+09\n"
    "Eve,(808) 555-0126\n"
)
LACKING = {
    "variables": ["time"],
    "start": "bye",
    "nodes": {"bye": {"kind": "hang_up", "text": "Come at {{time}}."}},
}


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


@pytest.fixture
async def draft(browser: Browser) -> str:
    await browser.world.agent()
    return await loaded(browser, MESSY)


def field(html: str, typed: str) -> str:
    """The name of the field in which this stands."""
    found = re.search(r'name="(row\.\d+\.\w+)" value="' + re.escape(typed) + '"', html)
    assert found is not None, typed
    return found[1]


async def refused(world: World, path: str) -> int:
    return sum(one["state"] == "invalid" for one in await contacts(world, path))


# -- rows


async def test_a_draft_says_why_each_row_was_rejected(browser: Browser, draft: str):
    page = await browser.page(draft)
    assert "2 good, to be called once it is started 3 rejected, not called" in page
    for reason in ("no phone number can be read 1", "the same number more than once 1"):
        assert reason in page
    assert "a spreadsheet has rounded the number 1" in page
    assert "Mend those 2 that can be mended here" in page


async def test_rows_are_mended_on_the_page_and_those_still_wrong_keep_what_was_typed(
    browser: Browser, draft: str
):
    html = await browser.html(draft)
    form = {field(html, "none"): "(212) 555-0124", field(html, "2.125550125E+09"): "still none"}
    answer = await browser.send(f"{draft}/mend", 303, country="US", **form)
    page = await browser.follow(answer)
    assert "What was mended is good now." in page
    assert "3 good" in page
    assert 'value="still none"' in await browser.html(draft)
    bob = (await contacts(browser.world, draft))[1]
    assert (bob["state"], bob["endpoint"], bob["error"]) == ("staged", "+12125550124", None)


async def test_a_mended_number_that_somebody_has_already_is_no_second_call(
    browser: Browser, draft: str
):
    form = {field(await browser.html(draft), "none"): "+1 212 555 0123"}
    page = await browser.follow(await browser.send(f"{draft}/mend", 303, country="US", **form))
    assert "Nothing is good yet." in page
    assert "the same number more than once 2" in page


async def test_what_a_row_lacks_is_typed_beside_it(browser: Browser):
    world = browser.world
    await world.agent(pathwayId=await world.pathway(definition=LACKING))
    path = await loaded(browser, "time,phone\nten,(212) 555-0123\n,(212) 555-0124\n")
    html = await browser.html(path)
    name = re.search(r'name="(row\.\d+\.context\.time)"', html)
    assert name is not None
    form = {name[1]: "eleven"}
    await browser.send(f"{path}/mend", 303, country="US", **form)
    [_, second] = await contacts(world, path)
    assert (second["state"], second["context"]["time"]) == ("staged", "eleven")


async def test_the_rejected_rows_are_saved_mended_and_uploaded_again(browser: Browser, draft: str):
    saved = (await browser.get(f"{draft}/rejected.csv")).text
    assert saved.startswith("row,code,field,message,endpoint")
    mended = saved.replace("none", "+12125550124").replace("2.125550125E+09", "+12125550125")
    page = (await sent(browser, mended, f"{draft}/add")).text
    assert "This is a file of rejected rows" in read(page)
    form = {**kept(page), "replace": "yes", "country": "US"}
    answer = await browser.send(f"{draft}/add", 303, step="load", **form)
    said = await browser.follow(answer)
    assert "4 good, to be called once it is started 1 rejected" in said
    assert await refused(browser.world, draft) == 1


async def test_rejected_rows_stay_unless_the_new_file_is_said_to_have_them(
    browser: Browser, draft: str
):
    form = {"step": "load", "country": "US"}
    await sent(browser, "phone\n(212) 555-0130\n", f"{draft}/add", 303, **form)
    assert await refused(browser.world, draft) == 3


async def test_rejected_rows_are_forgotten_when_they_are_not_wanted(browser: Browser, draft: str):
    through = re.search(r'name="through" value="(\d+)"', await browser.html(draft))
    assert through is not None
    await browser.send(f"{draft}/forget-rejected", through=through[1])
    assert len(await contacts(browser.world, draft)) == 2
    assert "rejected, not called" not in await browser.page(draft)


# -- ahead


async def test_the_preflight_shows_who_may_be_called_when_and_prints_the_numbers(
    browser: Browser, draft: str
):
    html = await browser.html(f"{draft}/preflight")
    page = read(html)
    assert "1 may be called now 1 later" in page
    assert "1 of 2 may be called within this hour; most, 2, from Mon 23 Nov, 13:00." in page
    assert 'role="img" aria-labelledby="hours-title hours-says"' in html
    assert "Mon 23 Nov, 13:00: 2 of 2" in page
    assert "Mon 23 Nov 10:00–13:00 1" in page


async def test_a_forecast_says_when_it_is_done_and_what_if(browser: Browser, draft: str):
    page = await browser.page(f"{draft}/forecast")
    assert "How it would go" in page
    assert "of 2 contacts" in page
    tried = await browser.page(f"{draft}/forecast?max_concurrent=1&answer=100")
    assert "calls at once, of 1" in tried
    wrong = await browser.page(f"{draft}/forecast?answer=130", 422)
    assert "Must be a number from 0 to 100." in wrong
    assert 'value="130"' in await browser.html(f"{draft}/forecast?answer=130")


async def test_the_page_of_a_draft_leaves_what_takes_time_to_parts_of_it(
    browser: Browser, draft: str
):
    html = await browser.html(draft)
    for part in ("preflight", "forecast"):
        assert f'hx-get="{draft}/{part}?computed=true" hx-trigger="load"' in html
        assert f'<a href="{draft}/{part}?computed=true">' in html


@pytest.mark.parametrize(
    ("part", "there"), [("preflight", "may be called now"), ("forecast", "of 201 contacts")]
)
async def test_a_look_ahead_at_many_is_a_page_at_once_that_asks_for_the_rest(
    browser: Browser, part: str, there: str
):
    await browser.world.agent()
    many = "Phone\n" + "".join(f"+1212555{n:04}\n" for n in range(201))
    path = f"{await loaded(browser, many)}/{part}"
    html = await browser.html(path)
    assert there not in html
    assert f'hx-get="{path}?computed=true" hx-trigger="load"' in html
    assert there in await browser.page(f"{path}?computed=true")


# -- start and end


async def test_a_draft_is_started(browser: Browser, draft: str):
    page = await browser.follow(await browser.send(f"{draft}/start"))
    assert "The campaign has started." in page
    assert "0 of 2 ended, 0 in flight, 2 still to come" in page
    assert browser.world.gateway.campaigns_started == [draft.rpartition("/")[2]]
    await browser.send(f"{draft}/start", 409)


async def test_a_draft_with_nobody_to_call_offers_no_start(browser: Browser):
    campaign = await made(browser.world, contacts=[])
    path = f"{HOME}/campaigns/{campaign['campaignId']}"
    page = await browser.page(path)
    assert "Add contacts from a file" in page
    assert "Start…" not in page
    await browser.send(f"{path}/start", 409)


async def test_a_draft_is_deleted(browser: Browser, draft: str):
    page = await browser.follow(await browser.send(f"{draft}/delete"))
    assert "The draft is deleted." in page
    await browser.page(draft, 404)


async def test_who_may_only_look_sees_the_draft_and_changes_nothing(browser: Browser):
    campaign = await made(browser.world, contacts=[person(1), {"endpoint": "none"}])
    path = f"{HOME}/campaigns/{campaign['campaignId']}"
    browser.http.cookies.clear()
    await browser.sign_in_with(["campaigns:read"])
    page = await browser.page(path)
    assert "1 rejected" in page
    for offered in ("Start…", "Mend", "Change the settings", "Add another"):
        assert offered not in page
    for verb in ("start", "mend", "delete", "forget-rejected"):
        await browser.send(f"{path}/{verb}", 403)
