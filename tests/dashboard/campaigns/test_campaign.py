"""A campaign under way: where it stands, what is changed live, its contacts, and calling again."""

import pytest

from policy.model.call import DecisionKind, Outcome
from tests.api.campaigns.test_campaigns import act, called, get, made, person
from tests.api.world import Json
from tests.dashboard.browser import HOME, Browser, read
from tests.dashboard.campaigns.pages import contacts, sent

NAMED = [person(1, context={"name": "Ada"}), person(2, context={"name": "Bob <b>"})]


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


def page_of(campaign: Json) -> str:
    return f"{HOME}/campaigns/{campaign['campaignId']}"


@pytest.fixture
async def running(browser: Browser) -> Json:
    """Of two contacts; one call has ended with no answer."""
    world = browser.world
    campaign = await made(world, contacts=NAMED)
    await act(world, campaign, "start")
    first, _ = await called(world, campaign)
    await world.decide(first.call_id, DecisionKind.END, outcome=Outcome.NO_ANSWER)
    return campaign


# -- the list


async def test_the_list_says_how_far_each_is_and_how_its_calls_ended(
    browser: Browser, running: Json
):
    page = await browser.page(f"{HOME}/campaigns")
    assert "spring Running 1 of 2 ended 1 no answer tests" in page
    assert 'aria-label="1 of 2 ended' in await browser.html(f"{HOME}/campaigns")


async def test_the_list_shows_windows_and_caps(browser: Browser):
    window = {"days": ["mon", "tue", "wed"], "start": "09:00", "end": "17:00"}
    await made(browser.world, schedule={"window": window}, maxConcurrent=5, callsPerMinute=30)
    page = await browser.page(f"{HOME}/campaigns")
    assert "Mon–Wed, 09:00–17:00; 5 at once, 30 a minute" in page
    assert "2 contacts, not started" in page


async def test_the_list_is_filtered_by_status(browser: Browser, running: Json):
    await made(browser.world, name="autumn")
    page = await browser.page(f"{HOME}/campaigns?status=Draft")
    assert "autumn" in page
    assert "spring" not in page
    nothing = await browser.page(f"{HOME}/campaigns?status=Paused")
    assert "No campaign is like this" in nothing
    await browser.page(f"{HOME}/campaigns?status=odd", 422)


async def test_an_empty_list_says_what_to_do_first(browser: Browser):
    assert "First, an agent" in await browser.page(f"{HOME}/campaigns")
    await browser.world.agent()
    page = await browser.page(f"{HOME}/campaigns")
    assert "No campaigns yet" in page
    assert "Choose a file" in page


# -- one of them


async def test_a_campaign_shows_its_numbers_and_how_calls_ended_over_time(
    browser: Browser, running: Json
):
    html = await browser.html(page_of(running))
    page = read(html)
    assert "1 of 2 ended, 0 in flight, 1 still to come" in page
    assert "no answer 1" in page
    assert "Mon 10:00: 1 failed" in page
    assert 'aria-labelledby="ended-title ended-says"' in html
    assert "Spent $0.00" in page
    assert ' data-live="all"' in html


async def test_a_campaign_that_is_over_waits_for_no_news(browser: Browser, running: Json):
    await browser.send(f"{page_of(running)}/cancel")
    html = await browser.html(page_of(running))
    assert "data-live=" not in html
    assert "Pause…" not in html


async def test_a_campaign_is_canceled_after_a_question(browser: Browser, running: Json):
    page = await browser.page(page_of(running))
    assert "1 still to come will not be called" in page
    done = await browser.follow(await browser.send(f"{page_of(running)}/cancel"))
    assert "The campaign is canceled." in done
    assert (await get(browser.world, running))["status"] == "Canceled"
    await browser.send(f"{page_of(running)}/cancel", 409)


async def test_caps_and_window_change_while_it_runs(browser: Browser, running: Json):
    path = f"{page_of(running)}/settings"
    form = {
        "name": "spring",
        "agent": running["agentId"],
        "priority": "5",
        "max_concurrent": "7",
        "window_start": "09:00",
        "window_end": "12:00",
        "window_days": "mon",
        "attempts": "2",
        "no_answer": "1.5",
        "spend_limit": "12.50",
        "deadline": "2026-11-25T12:00",
    }
    tried = await browser.send(path, 200, step="try", **form)
    assert "If you save this" in read(tried.text)
    assert (await get(browser.world, running))["maxConcurrent"] is None
    page = await browser.follow(await browser.send(path, 303, **form))
    assert "The campaign is changed." in page
    assert "Caps 7 at once" in page
    now = await get(browser.world, running)
    assert now["schedule"]["window"] == {"days": ["mon"], "start": "09:00", "end": "12:00"}
    assert now["schedule"]["callDeadline"] == "2026-11-25T17:00:00Z"
    assert now["spendLimit"] == 12_500_000
    assert now["defaults"]["retry"] == {"maxAttempts": 2, "noAnswer": "PT5400S"}


async def test_what_the_form_does_not_change_stays_as_it_is(browser: Browser):
    defaults = {"context": {"clinic": "Blue"}, "ringTimeout": 30, "retry": {"busy": "PT30M"}}
    campaign = await made(browser.world, defaults=defaults, priority=7)
    html = await browser.html(f"{page_of(campaign)}/settings")
    assert 'name="busy" type="text" value="0.5"' in html
    form = {"name": "summer", "agent": campaign["agentId"], "priority": "7", "busy": "0.5"}
    days = {"window_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    token = await browser.token()
    await browser.http.post(f"{page_of(campaign)}/settings", data={"token": token, **form, **days})
    now = await get(browser.world, campaign)
    assert (now["name"], now["defaults"], now["priority"]) == ("summer", defaults, 7)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("max_concurrent", "many", "Must be a whole number."),
        ("max_concurrent", "0", "1"),
        ("spend_limit", "x", "Must be an amount such as 25.00."),
        ("no_answer", "soon", "Must be a number of hours"),
        ("window_start", "09:00", "A window has a beginning, an end"),
        ("deadline", "2026-11-01T10:00", "The deadline is in the past."),
        ("name", "", "1"),
    ],
)
async def test_a_setting_that_is_wrong_is_told_at_its_field_and_kept(
    browser: Browser, field: str, typed: str, said: str
):
    campaign = await made(browser.world)
    form = {"name": "kept <i>", "agent": campaign["agentId"], "priority": "5", field: typed}
    answer = await browser.send(f"{page_of(campaign)}/settings", 422, **form)
    at = "window" if field == "window_start" else field
    message = answer.text.partition(f'id="{at}-error"')[2].partition("</p>")[0]
    assert said in read(message)
    assert f'value="{typed}"' in answer.text
    if field != "name":
        assert 'value="kept &lt;i&gt;"' in answer.text
    assert (await get(browser.world, campaign))["name"] == "spring"


async def test_contacts_are_added_while_it_runs(browser: Browser, running: Json):
    path = f"{page_of(running)}/add"
    assert "The campaign runs" in await browser.page(path)
    form = {"step": "load", "country": "US"}
    await sent(browser, "name,phone\nEve,(212) 555-0003\n", path, 303, **form)
    assert len(await contacts(browser.world, page_of(running))) == 3
    assert running["campaignId"] in browser.world.gateway.campaigns_nudged


async def test_a_campaign_that_is_over_takes_no_file_and_no_settings(
    browser: Browser, running: Json
):
    await browser.send(f"{page_of(running)}/cancel")
    for part in ("add", "settings"):
        assert "409 campaign_over" in await browser.page(f"{page_of(running)}/{part}", 409)


# -- contacts


async def test_contacts_are_listed_with_what_became_of_them(browser: Browser, running: Json):
    page = await browser.page(f"{page_of(running)}/contacts")
    assert "2 contacts, in the order of the list" in page
    assert "1 +12125550001 Ada no answer" in page
    assert "2 +12125550002 Bob <b> Created" in page


async def test_contacts_are_filtered_and_sought(browser: Browser, running: Json):
    path = f"{page_of(running)}/contacts"
    ended = await browser.page(f"{path}?outcome=no_answer")
    assert "Ada" in ended
    assert "Bob" not in ended
    assert "No contact is like this" in await browser.page(f"{path}?state=invalid")
    for sought in ("0002", "bob"):
        found = read((await browser.send(path, 200, sought=sought)).text)
        assert "+12125550002" in found
        assert "+12125550001" not in found
    short = await browser.send(path, 422, sought="12")
    assert "at least 3 digits" in read(short.text)
    assert 'value="12"' in short.text


async def test_a_long_list_of_contacts_is_paged(browser: Browser):
    campaign = await made(browser.world, contacts=[person(n) for n in range(60)])
    html = await browser.html(f"{page_of(campaign)}/contacts")
    assert "+12125550049" in html
    assert "+12125550050" not in html
    after = html.partition("after=")[2].partition('"')[0]
    rest = await browser.page(f"{page_of(campaign)}/contacts?after={after}")
    assert "+12125550050" in rest
    assert "+12125550049" not in rest


async def test_contacts_are_saved_with_outcomes_and_their_own_columns(
    browser: Browser, running: Json
):
    answer = await browser.get(f"{page_of(running)}/contacts.csv")
    head, first, second = answer.text.splitlines()
    assert head.startswith("row,number,name,state,status,outcome,")
    assert head.endswith(",client token,name")
    assert first.startswith("1,+12125550001,Ada,called,Failed,no_answer,")
    assert second.startswith("2,+12125550002,Bob <b>,called,Created,,")
    assert "attachment" in answer.headers["content-disposition"]


# -- again


async def test_calling_again_says_how_many_and_makes_a_draft_with_a_name(
    browser: Browser, running: Json
):
    path = f"{page_of(running)}/redial"
    html = await browser.html(path)
    assert 'value="no_answer" checked' in html
    assert "1 contact is chosen." in read(html)
    assert 'value="spring, round 2"' in html
    assert "0 contacts are chosen." in await browser.page(f"{path}?chosen=yes")
    form = {"outcome": "no_answer", "name": "spring, round 2"}
    answer = await browser.send(path, 303, **form)
    page = await browser.follow(answer)
    assert "Nobody is called before you start it." in page
    assert "spring, round 2 Draft" in page
    assert "1 good" in page
    again = await browser.html(f"{answer.headers['location']}/redial")
    assert "No call of it has ended yet" in again


async def test_calling_nobody_again_is_refused_at_the_field(browser: Browser, running: Json):
    answer = await browser.send(f"{page_of(running)}/redial", 422, name="mine")
    page = read(answer.text)
    assert "Choose how the calls ended." in page
    assert 'value="mine"' in answer.text


async def test_nothing_of_another_account_is_shown_or_done(browser: Browser):
    path = f"{HOME}/campaigns/another"
    for part in ("", "/settings", "/contacts", "/contacts.csv", "/redial", "/preflight", "/add"):
        await browser.page(path + part, 404)
    for verb in ("start", "cancel", "mend", "delete", "settings", "redial"):
        await browser.send(f"{path}/{verb}", 404, outcome="busy")
