"""Rules in force, rules of one's own, waivers, and what they say of a number."""

from typing import Any

import pytest

from tests.api.worker import Worker, get
from tests.api.world import ENDPOINT
from tests.dashboard.browser import HOME, Browser, read

RULES, OWN = f"{HOME}/compliance/rules", f"{HOME}/compliance/own"
WAIVERS, EXPLAIN = f"{HOME}/compliance/waivers", f"{HOME}/compliance/explain"
REASON = "Reminders are no solicitations (counsel)"


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


# -- in force


async def test_each_rule_is_told_in_words_with_its_source_and_how_well_it_was_seen(
    browser: Browser,
):
    page = await browser.page(f"{RULES}?place=US-FL&kind=calling_hours")
    assert "Florida US-FL" in page
    assert "Calling hours Mon–Sun 08:00–20:00" in page
    assert "us.fl.hours · for all purposes · Fla. Stat. § 501.616(6)(a) · its text was read" in page
    assert "looked at 2026-11-25" in page
    assert "us.federal.hours" in page, "the country's rules hold in its states, too"
    assert "us.ny.hours" not in page
    assert "us.fl.attempts" not in page


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ("purpose=survey", "us.federal.hours", "us.federal.opt_out"),
        ("text=501.616", "us.fl.hours", "us.federal.hours"),
        ("kind=registry", "gb.tps", "us.federal.hours"),
        ("place=FR", "Everywhere", "us.federal.hours"),
    ],
)
async def test_rules_are_filtered(browser: Browser, query: str, seen: str, unseen: str):
    page = (await browser.page(f"{RULES}?{query}")).partition("Show")[2]
    if query != "place=FR":
        assert seen in page
    assert unseen not in page
    assert "No rule is like this" in await browser.page(f"{RULES}?text=nothing-of-the-kind")


async def test_what_changes_is_told_by_its_date(browser: Browser):
    path = "/api/v1/compliance/overlays"
    rule: dict[str, Any] = {"kind": "attempt_cap", "most": 1, "within": "P1D", "jurisdiction": "*"}
    await browser.world.post(path, {**rule, "id": "later", "effectiveFrom": "2027-02-01"})
    await browser.world.post(path, {**rule, "id": "soon", "effectiveTo": "2026-12-31"})
    page = (await browser.page(RULES)).partition("What changes, by date")[2]
    first, second = page.index("2026-12-31"), page.index("2027-02-01")
    assert first < second
    assert "own.soon holds no longer" in page
    assert "own.later holds from then on" in page


async def test_a_rule_that_is_waived_says_so(browser: Browser):
    await browser.world.post(
        "/api/v1/compliance/waivers",
        {"rule": "us.fl.hours", "purposes": ["reminder"], "reason": REASON},
    )
    page = await browser.page(f"{RULES}?place=US-FL&kind=calling_hours")
    assert "Mon–Sun 08:00–20:00 waived for some purposes" in page


# -- own


STORM: Any = {
    "kind": "blackout",
    "name": "storm",
    "place": "us-ny",
    "starts": "2026-11-23T10:00",
    "ends": "2026-11-26T10:00",
    "note": "State <b>of</b> emergency",
}


async def test_a_blackout_says_which_calls_it_would_move_and_then_moves_them(
    browser: Browser, worker: Worker
):
    assert "You have no rules of your own" in await browser.page(OWN)
    call_id = await worker.sleeping()
    asked = read((await browser.send(f"{OWN}/new", 200, **STORM)).text)
    assert "1 of 1 waiting call would go on otherwise than now. Nothing is changed yet." in asked
    assert "Put it in force" in asked
    assert (await get(browser.world, "compliance/overlays"))["total"] == 0
    page = await browser.follow(await browser.send(f"{OWN}/new", step="save", **STORM))
    assert "The rule is in force." in page
    assert "Blackout own.storm in force New York" in page
    assert "from Mon 23 Nov, 10:00 until Thu 26 Nov, 10:00" in page
    assert "<b>" not in (await browser.html(OWN)).partition("own.storm")[2].partition("</tr>")[0]
    assert browser.world.gateway.replanned == [call_id]
    decision = await worker.decide(call_id)
    assert decision.until is not None
    assert decision.until.isoformat() == "2026-11-26T15:00:00+00:00"


async def test_a_rule_is_ended_after_its_effects_were_shown_and_stays_on_record(
    browser: Browser, worker: Worker
):
    await browser.send(f"{OWN}/new", step="save", **{**STORM, "ends": ""})
    call_id = await worker.sleeping()
    [row] = (await get(browser.world, "compliance/overlays"))["overlays"]
    path = f"{OWN}/{row['overlayId']}/end"
    asked = await browser.page(path)
    assert "own.storm: no calls from" in asked
    assert "would go on otherwise than now" in asked
    page = await browser.follow(await browser.send(path))
    assert "The rule is no longer in force." in page
    assert "own.storm ended" in page
    assert call_id in browser.world.gateway.replanned
    await browser.send(path, 404)


@pytest.mark.parametrize(
    ("form", "demands"),
    [
        (
            {"kind": "calling_hours", "window_start": "10:00", "window_end": "12:00"},
            "Mon–Sun 10:00–12:00",
        ),
        ({"kind": "attempt_cap", "most": "2", "within": "7"}, "at most 2 attempts per number"),
        ({"kind": "consent", "tier": "written"}, "written consent is on file"),
        ({"kind": "registry", "registry": "us.dnc", "max_age": "9"}, "checked against us.dnc"),
        ({"kind": "disclosure", "say": "identity"}, "says at the beginning who calls"),
        ({"kind": "ring_time", "seconds": "20"}, "rings for at least 20 seconds"),
        ({"kind": "consent_age", "max_age": "365"}, "a consent counts for 365 days"),
        (
            {"kind": "caller_id_range", "prefixes": "+1212, +1646"},
            "is dialed from a number that begins with +1212 or +1646",
        ),
        (
            {"kind": "prerequisite", "prerequisite": "counsel.approval", "asks": "Counsel agrees"},
            "the account has acknowledged: Counsel agrees",
        ),
    ],
)
async def test_every_kind_of_rule_has_its_form(
    browser: Browser, form: dict[str, str], demands: str
):
    assert f'value="{form["kind"]}"' in await browser.html(f"{OWN}/new?kind={form['kind']}")
    days = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    said: Any = {
        "place": "*",
        "per": "number",
        "counts": "attempts",
        "step": "save",
        **days,
        **form,
    }
    await browser.send(f"{OWN}/new", **said)
    [row] = (await get(browser.world, "compliance/overlays"))["overlays"]
    assert demands in row["demands"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({**STORM, "starts": ""}, "starts"),
        ({**STORM, "ends": "2026-11-22T10:00"}, "ends"),
        ({**STORM, "place": "Mars"}, "place"),
        ({**STORM, "since": "2026-12-02", "until": "2026-12-01"}, "until"),
        ({**STORM, "since": "soon"}, "since"),
        ({**STORM, "name": "no such name!"}, "name"),
        ({"kind": "attempt_cap", "note": "State <b>of</b> emergency", "most": "x"}, "most"),
        ({"kind": "calling_hours", "note": "State <b>of</b> emergency"}, "window"),
    ],
)
async def test_a_mistake_in_a_rule_is_told_at_its_field_and_keeps_what_was_typed(
    browser: Browser, form: Any, field: str
):
    answer = await browser.send(f"{OWN}/new", 422, step="save", **form)
    assert f'id="{field}-error"' in answer.text
    assert 'value="State &lt;b&gt;of&lt;/b&gt; emergency"' in answer.text
    assert (await get(browser.world, "compliance/overlays"))["total"] == 0


async def test_two_rules_cannot_have_the_same_name(browser: Browser):
    await browser.send(f"{OWN}/new", step="save", **STORM)
    answer = await browser.send(f"{OWN}/new", 422, step="save", **STORM)
    assert "You have a rule of this name already." in read(answer.text)


# -- waivers


async def waived(browser: Browser) -> list[Any]:
    """With the one that these tests stand on."""
    return list((await get(browser.world, "compliance/waivers"))["waivers"])


async def test_a_waiver_is_tried_made_and_ended(browser: Browser, worker: Worker):
    await worker.sleeping()
    before = len(await waived(browser))
    form: Any = {"rule": "us.federal.hours", "reason": REASON}
    asked = read((await browser.send(f"{WAIVERS}/new", 200, **form)).text)
    assert "Nothing is changed yet." in asked
    assert len(await waived(browser)) == before
    page = await browser.follow(
        await browser.send(f"{WAIVERS}/new", step="save", purposes="reminder", **form)
    )
    assert f"us.federal.hours waived {REASON} for reminder" in page
    waiver = (await waived(browser))[-1]
    assert (waiver["purposes"], waiver["by"]) == (["reminder"], "key bootstrap")
    again = await browser.send(f"{WAIVERS}/new", 422, step="save", purposes="reminder", **form)
    assert "This rule is waived already." in read(again.text)
    path = f"{WAIVERS}/us.federal.hours/end"
    assert "Nothing is changed yet." in await browser.page(path)
    assert "us.federal.hours ended" in await browser.follow(await browser.send(path))
    await browser.send(path, 404)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"rule": "", "reason": REASON}, "rule"),
        ({"rule": "us.nothing", "reason": REASON}, "rule"),
        ({"rule": "us.fl.hours", "reason": "short"}, "reason"),
    ],
)
async def test_a_waiver_needs_a_rule_and_a_reason(browser: Browser, form: Any, field: str):
    before = await waived(browser)
    answer = await browser.send(f"{WAIVERS}/new", 422, step="save", **form)
    assert f'id="{field}-error"' in answer.text
    assert await waived(browser) == before


# -- may I call?


async def test_without_an_agent_one_is_told_to_make_one_first(browser: Browser):
    assert "First, an agent" in await browser.page(EXPLAIN)


async def test_a_number_that_may_be_called_later_says_when_and_every_rule_its_word(
    browser: Browser,
):
    agent = await browser.world.agent()
    form: Any = {"number": "+1 305 555 0123", "agent": agent, "at": "2026-11-23T20:30"}
    page = read((await browser.send(EXPLAIN, 200, **form)).text)
    assert "Not then, but later." in page
    assert (
        "Next permitted: Tue 24 Nov, 08:00" in page or "Next permitted: Tue 24 Nov, 09:00" in page
    )
    assert "America/New York Mon 20:30 The number may be there." in page
    assert "us.fl.hours closed Until Tue 24 Nov 08:00 (America/New_York)." in page
    assert "Rules of United States, Florida, everywhere are heard." in page
    assert "who calls us.federal.identity" in page


async def test_a_number_that_may_be_called_now_and_one_that_may_not(browser: Browser):
    agent = await browser.world.agent()
    form: Any = {"number": ENDPOINT, "agent": agent}
    assert "Yes, now." in read((await browser.send(EXPLAIN, 200, **form)).text)
    await browser.world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    page = read((await browser.send(EXPLAIN, 200, **form)).text)
    assert "No. The number is on the do-not-call list (api)." in page


async def test_what_is_known_of_the_person_besides_counts(browser: Browser):
    agent = await browser.world.agent()
    form: Any = {"number": "+18005550123", "agent": agent}
    page = read((await browser.send(EXPLAIN, 200, **form)).text)
    assert "The number does not tell." in page
    page = read((await browser.send(EXPLAIN, 200, postal="80202", **form)).text)
    assert "America/Denver" in page
    assert "The postal code is there." in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "nonsense"}, "number"),
        ({"agent": ""}, "agent"),
        ({"agent": "nobody"}, "agent"),
        ({"at": "soon"}, "at"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"country": "USA"}, "country"),
        ({"purpose": "fun"}, "purpose"),
    ],
)
async def test_a_mistake_in_the_question_is_told_at_its_field(
    browser: Browser, changes: Any, field: str
):
    agent = await browser.world.agent()
    form: Any = {"number": ENDPOINT, "agent": agent, "postal": "10001", **changes}
    answer = await browser.send(EXPLAIN, 422, **form)
    assert f'id="{field}-error"' in answer.text
    assert 'value="10001"' in answer.text
