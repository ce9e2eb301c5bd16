"""The lists of calls: in the order of their turns, sought, filtered, saved, removed from."""

import csv
import io
from collections.abc import MutableMapping
from typing import Any

import pytest
from sqlmodel import select

from storage.call_lists.filters import CallFilter
from storage.dispatch.schedule import schedule_page
from storage.tables import Account, Call
from tests.api.worker import Worker, get
from tests.api.world import ENDPOINT, World
from tests.dashboard.browser import HOME, Browser, read
from tests.dashboard.test_pages import ended

OTHER = "+12125550124"
SCHEDULED = f"{HOME}/calls?tab=scheduled"


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


def numbers_in_order(page: str, numbers: list[str]) -> list[str]:
    return sorted((one for one in numbers if one in page), key=page.index)


async def test_what_is_to_be_made_stands_in_the_order_of_its_turns(
    browser: Browser, worker: Worker
):
    agent_id = await browser.world.agent()
    low, high, soon = "+12125550131", "+12125550132", "+12125550133"
    await worker.queued(agentId=agent_id, endpoint=low, priority=2)
    await worker.queued(agentId=agent_id, endpoint=high, priority=9)
    await worker.queued(
        agentId=agent_id, endpoint=soon, priority=2, callDeadline="2026-11-23T15:10:00Z"
    )
    await worker.sleeping(agentId=agent_id, endpoint=OTHER)
    await ended(browser.world, agentId=agent_id, allowDuplicate=True)
    page = await browser.page(SCHEDULED)
    assert numbers_in_order(page, [low, high, soon, OTHER, ENDPOINT]) == [soon, high, low, OTHER]
    assert "4 calls, next to be dialed first" in page
    assert "2 counts as 7" in page
    assert "Mon 23 Nov, 10:10" in page


async def test_what_is_over_stands_among_the_past_with_its_name_duration_and_cost(
    browser: Browser, worker: Worker
):
    call_id = await ended(browser.world)
    await worker.sleeping(endpoint=OTHER)
    page = await browser.page(f"{HOME}/calls?tab=past")
    assert OTHER not in page
    assert f"{ENDPOINT} Ada Lovelace confirmed" in page
    assert "20 s $0.0215" in page
    assert call_id in await browser.html(f"{HOME}/calls?tab=past")
    assert "1 call," in page


async def test_an_empty_list_says_what_to_do_first(browser: Browser):
    assert "Schedule one" in await browser.page(SCHEDULED)
    assert "No call has ended yet" in await browser.page(f"{HOME}/calls?tab=past")
    assert "Schedule the first one" in await browser.page(f"{HOME}/calls")


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("550124", [OTHER]),
        ("(212) 555-01", [ENDPOINT, OTHER]),
        ("hopper", [OTHER]),
        ("LOVELACE", [ENDPOINT]),
        ("nobody", []),
        ("100 %", []),
    ],
)
async def test_calls_are_found_by_a_part_of_the_number_or_the_name(
    browser: Browser,
    logged: list[MutableMapping[str, Any]],
    sought: str,
    found: list[str],
):
    agent_id = await browser.world.agent()
    await browser.world.call(agentId=agent_id)
    context = {"firstName": "Grace", "lastName": "Hopper"}
    await browser.world.call(agentId=agent_id, endpoint=OTHER, context=context)
    page = read((await browser.send(f"{HOME}/calls/find", 200, sought=sought)).text)
    assert sorted(one for one in (ENDPOINT, OTHER) if one in page) == found
    assert "5550" not in str(logged)
    assert "opper" not in str(logged)


async def test_a_call_is_found_by_its_id(browser: Browser):
    call_id = await browser.world.call()
    for said in (call_id, f" call-{call_id} ", call_id.upper()):
        answer = await browser.send(f"{HOME}/calls/find", sought=said)
        assert answer.headers["location"] == f"{HOME}/calls/{call_id}"


async def test_two_digits_are_too_few(browser: Browser):
    answer = await browser.send(f"{HOME}/calls/find", 422, sought="55")
    assert "at least 3 digits" in read(answer.text)


async def test_calls_are_filtered_by_the_days_of_the_viewer(browser: Browser):
    await browser.world.call()
    for query, is_there in (
        ("since=2026-11-23&until=2026-11-23", True),
        ("since=2026-11-24", False),
        ("until=2026-11-22", False),
    ):
        assert (ENDPOINT in await browser.page(f"{HOME}/calls?{query}")) is is_there
    assert "Must be a day" in await browser.page(f"{HOME}/calls?since=tomorrow", 422)


async def test_calls_are_sorted(browser: Browser):
    world = browser.world
    agent_id = await world.agent()
    await ended(world, agentId=agent_id, endpoint=ENDPOINT)
    world.clock.pass_(seconds=5)
    await world.call(agentId=agent_id, endpoint=OTHER)
    for order, first in (
        ("newest", OTHER),
        ("oldest", ENDPOINT),
        ("ended", ENDPOINT),
        ("longest", ENDPOINT),
    ):
        page = await browser.page(f"{HOME}/calls?sort={order}")
        assert numbers_in_order(page, [ENDPOINT, OTHER])[0] == first, order
    assert "no such order" in await browser.page(f"{HOME}/calls?sort=odd", 422)


@pytest.mark.parametrize("order", ["newest", "oldest", "ended", "longest"])
async def test_no_order_leaves_a_call_out_or_shows_one_twice(browser: Browser, order: str):
    agent_id = await browser.world.agent()
    wanted = [f"+12125550{100 + number}" for number in range(30)]
    for endpoint in wanted:
        await browser.world.call(agentId=agent_id, endpoint=endpoint)
    html = await browser.html(f"{HOME}/calls?sort={order}")
    following = html.partition('<a rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    both = read(html) + await browser.page(following)
    assert sum(both.count(one) for one in wanted) == len(wanted)


async def test_what_is_filtered_is_saved_as_csv(browser: Browser):
    world = browser.world
    await ended(world, context={"name": "=HYPERLINK(1)"})
    await world.call(endpoint=OTHER)
    answer = await browser.get(f"{HOME}/calls.csv?tab=past")
    assert answer.headers["content-type"].startswith("text/csv")
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["number"], row["outcome"], row["seconds"]) == (ENDPOINT, "confirmed", "20")
    assert row["name"] == "'=HYPERLINK(1)"
    assert row["cost"] == "0.0215"
    sought = await browser.send(f"{HOME}/calls/find", 200, sought="550124", save="csv")
    [row] = csv.DictReader(io.StringIO(sought.text))
    assert row["number"] == OTHER


async def test_several_calls_are_removed_after_a_question(browser: Browser, worker: Worker):
    first, second = await worker.sleeping(), await worker.sleeping(endpoint=OTHER)
    path = f"{HOME}/calls/remove"
    token = await browser.token()
    form = {"token": token, "call_id": [first, second]}
    question = await browser.http.post(path, data=form)
    assert "Remove these 2 calls?" in read(question.text)
    assert browser.world.gateway.canceled == []
    answer = await browser.http.post(path, data={**form, "confirmed": "yes"})
    assert answer.headers["location"] == SCHEDULED
    assert sorted(browser.world.gateway.canceled) == sorted([first, second])
    assert "The calls will not be made." in await browser.follow(answer)


async def test_removing_comes_back_to_the_list_as_it_was_filtered(browser: Browser, worker: Worker):
    agent = await browser.world.agent()
    call_id = await worker.sleeping(agentId=agent)
    listed = await browser.html(f"{SCHEDULED}&agent={agent}&status=Queued")
    form = listed.partition("/calls/remove")[2].partition("</form>")[0]
    assert f'name="agent" value="{agent}"' in form
    said = {"call_id": call_id, "tab": "scheduled", "agent": agent, "since": "2026-11-01"}
    question = await browser.send(f"{HOME}/calls/remove", 200, **said)
    here = f"{HOME}/calls?tab=scheduled&amp;agent={agent}&amp;since=2026-11-01"
    assert f'href="{here}">No, keep it' in question.text
    answer = await browser.send(f"{HOME}/calls/remove", 303, **said, confirmed="yes")
    assert answer.headers["location"] == here.replace("&amp;", "&")


async def test_removing_among_what_was_sought_seeks_it_again_and_puts_it_in_no_address(
    browser: Browser, worker: Worker
):
    await worker.sleeping(context={"name": "Ada Novak"})
    call_id = await worker.sleeping(context={"name": "Ada Sato"}, endpoint=OTHER)
    said = {"call_id": call_id, "tab": "scheduled", "sought": "Ada"}
    question = await browser.send(f"{HOME}/calls/remove", 200, **said)
    assert 'formaction="/dashboard/calls/find">No, keep it' in question.text
    form = {"token": await browser.token(), **said, "confirmed": "yes"}
    answer = await browser.send_raw(f"{HOME}/calls/remove", 307, **form)
    assert answer.headers["location"] == f"{HOME}/calls/find"
    again = await browser.send_raw(answer.headers["location"], 200, **form)
    assert "The calls will not be made." in read(again.text)
    assert "Ada Novak" in again.text


async def test_the_button_of_a_row_means_that_row_alone(browser: Browser, worker: Worker):
    first, second = await worker.sleeping(), await worker.sleeping(endpoint=OTHER)
    form = {"token": await browser.token(), "call_id": [first], "only": second}
    question = read((await browser.http.post(f"{HOME}/calls/remove", data=form)).text)
    assert "Remove this call?" in question
    assert OTHER in question
    assert ENDPOINT not in question


async def test_those_that_could_not_be_removed_are_named(browser: Browser, worker: Worker):
    call_id = await worker.sleeping()
    browser.world.gateway.refuse_with = "in_progress"
    answer = await browser.send(f"{HOME}/calls/remove", call_id=call_id, confirmed="yes")
    page = await browser.follow(answer)
    assert "could not be canceled any more" in page
    assert call_id in page


async def test_a_call_of_another_account_is_not_removed(browser: Browser, worker: Worker):
    call_id = await worker.sleeping()
    async with browser.world.db.write() as session:
        session.add(Account(account_id="another", name="B", created_time=browser.world.clock.now))
        await session.flush()
        call = await session.get(Call, call_id)
        assert call is not None
        call.account_id = "another"
        session.add(call)
    answer = await browser.send(f"{HOME}/calls/remove", 200, call_id=call_id)
    assert "None of these waits any more" in read(answer.text)
    await browser.send(f"{HOME}/calls/remove", call_id=call_id, confirmed="yes")
    assert browser.world.gateway.canceled == []


async def test_removing_takes_the_scope_to_write(browser: Browser, worker: Worker):
    call_id = await worker.sleeping()
    browser.http.cookies.clear()
    await browser.sign_in_with(["calls:read"])
    assert "Remove" not in await browser.page(SCHEDULED)
    await browser.send(f"{HOME}/calls/remove", 403, call_id=call_id, confirmed="yes")


async def test_the_question_names_calls_to_those_only_who_may_read_them(
    browser: Browser, worker: Worker
):
    call_id = await worker.sleeping()
    browser.http.cookies.clear()
    await browser.sign_in_with(["calls:write"])
    await browser.send(f"{HOME}/calls/remove", 403, call_id=call_id)


async def test_the_pages_of_the_line_leave_nothing_out_and_show_nothing_twice(
    world: World, worker: Worker
):
    agent_id = await world.agent()
    made = []
    for number in range(7):
        endpoint = f"+12125550{140 + number}"
        made.append(await worker.queued(agentId=agent_id, endpoint=endpoint, priority=number))
    for number in range(4):
        made.append(await worker.sleeping(agentId=agent_id, endpoint=f"+12125550{160 + number}"))
    seen: list[str] = []
    cursor = None
    async with world.db.browse() as session:
        account = (await session.exec(select(Account))).one()
        while True:
            page = await schedule_page(
                session, account, CallFilter(), world.clock.now, take=3, cursor=cursor
            )
            assert page.total == len(made)
            seen += [row.call_id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert sorted(seen) == sorted(made)
    waiting = [call_id for call_id in seen if call_id in made[:7]]
    listed = (await get(world, "calls/queue/list", take=50))["calls"]
    places = {one["callId"]: one["position"] for one in listed if one["position"]}
    assert waiting == sorted(places, key=lambda call_id: places[call_id])
    assert seen[:7] == waiting
