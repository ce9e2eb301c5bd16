"""Creates that go wrong, and what the ledger says really happened."""

import asyncio

import httpx2
import pytest

from tests.simulator.harness import Application, Simulator, simulating
from tests.wait import until

TO = "+14155552671"


@pytest.mark.parametrize(
    ("mode", "status", "code", "created"),
    [("500_before", 500, 20500, 0), ("500_after", 500, 20500, 1), ("429", 429, 20429, 0)],
)
async def test_an_error_response_tells_little_of_whether_a_call_was_made(
    application: Application,
    simulator: Simulator,
    mode: str,
    status: int,
    code: int,
    created: int,
):
    await simulator.faults(create=[{"mode": mode}])
    answer = await simulator.create(TO)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    await simulator.settled()
    calls = await simulator.ledger(TO)
    assert [call["status"] for call in calls] == ["completed"] * created


async def test_a_dropped_response_leaves_a_call_behind(simulator: Simulator):
    await simulator.faults(create=[{"mode": "drop_response"}])
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        await simulator.create(TO)
    await simulator.settled()
    assert [call["status"] for call in await simulator.ledger(TO)] == ["completed"]


async def test_a_hanging_create_answers_nothing_and_dials(application: Application):
    async with simulating(application, hang_seconds=0.2) as simulator:
        await simulator.faults(create=[{"mode": "hang"}])
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
            await simulator.create(TO)
        await simulator.settled()
        assert len(await simulator.ledger(TO)) == 1


async def test_a_client_may_give_up_on_a_hanging_create(
    application: Application, simulator: Simulator
):
    await simulator.faults(create=[{"mode": "hang"}])
    creating = asyncio.create_task(simulator.create(TO))
    await until(lambda: simulator.ledger(TO), "the hanging create dials")
    assert not creating.done()
    creating.cancel()
    await simulator.settled()
    assert len(await simulator.ledger(TO)) == 1


@pytest.mark.parametrize("last_two", ["74", "75"])
async def test_numbers_of_the_table_break_their_response(simulator: Simulator, last_two: str):
    to = f"+120255501{last_two}"
    if last_two == "74":
        assert (await simulator.create(to)).status_code == 500
    else:
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
            await simulator.create(to)
    await simulator.settled()
    assert [call["status"] for call in await simulator.ledger(to)] == ["completed"]


async def test_rates_are_kept_and_the_same_seed_strikes_the_same_requests(simulator: Simulator):
    struck = []
    for _ in range(2):
        await simulator.faults(create=[{"mode": "429", "rate": 0.3, "seed": 4}])
        struck.append([(await simulator.create(TO)).status_code for _ in range(60)])
    assert struck[0] == struck[1]
    assert 8 <= struck[0].count(429) <= 30


@pytest.mark.parametrize(
    ("refuse", "status", "code"),
    [
        ("401", 401, 20003),
        ("403", 403, 20005),
        ("html_403", 403, None),
        ("html_407", 407, None),
        ("html_408", 408, None),
    ],
)
async def test_an_account_or_a_proxy_refuses_whatever_is_asked(
    simulator: Simulator, refuse: str, status: int, code: int | None
):
    await simulator.faults(refuse=refuse)
    listed = await simulator.http.get(f"{simulator.account}/Calls.json")
    for answer in (await simulator.create(TO), listed):
        assert answer.status_code == status
        is_json = answer.headers["content-type"].startswith("application/json")
        assert (answer.json()["code"] if is_json else None) == code
        assert is_json or answer.text.startswith("<html>")
    await simulator.faults()
    assert await simulator.ledger(TO) == []
    assert (await simulator.create(TO)).status_code == 201


async def test_an_empty_body_clears_all_faults(simulator: Simulator):
    await simulator.faults(create=[{"mode": "429"}], callbacks={"lost": 1}, listLag=9)
    await simulator.faults()
    assert (await simulator.run(TO))["callbacks"][0]["outcome"] == "delivered"


async def test_unknown_faults_are_refused(simulator: Simulator):
    answer = await simulator.put("faults", {"create": [{"mode": "gremlins"}]})
    assert answer.status_code == 422
