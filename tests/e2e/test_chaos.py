"""kill -9 of each process in turn in the middle of 50 calls, on a carrier that misbehaves.

The simulator's ledger of every leg ever created is the judge.
"""

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from contracts import names
from tests.e2e.conftest import QUICK
from tests.e2e.stack import FINAL, Json, Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e

CALLS = 50
#: Killed one after the other, the first when so many calls have been dialed, the next when twice so
#: many have, and so on.
PARTS = ("worker", "api", "carrier", "temporal")
BETWEEN_KILLS = 10
CREATE_FAULTS = [
    {"mode": "500_after", "rate": 0.06, "seed": 1},
    {"mode": "drop_response", "rate": 0.06, "seed": 2},
    {"mode": "hang", "rate": 0.03, "seed": 3},
]
CALLBACK_FAULTS = {"lost": 0.05, "duplicate": 0.2, "reorder": 0.2, "delay": [0, 2], "seed": 1}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("chaos"), QUICK, speed=4).start()
    yield running
    assert running.stop() == 0


def submit_fifty(stack: Stack, area_code: str, in_flight: int = CALLS) -> list[str]:
    agent = stack.agent(ringTimeout=15, maxConcurrent=in_flight, callsPerMinute=600)
    call_ids = []
    for last_two in range(CALLS):
        endpoint = f"+1{area_code}55501{last_two:02d}"
        script: list[object] = [{"answer": {"after": 1.5, "by": "human", "digits": "1"}}]
        if last_two % 5 == 0:
            script.insert(0, "busy")
        if last_two % 7 == 0:
            script.insert(0, {"answer": {"after": 1, "by": "machine"}})
        stack.script(endpoint, *script)
        call_ids.append(stack.submit(agent, endpoint))
    return call_ids


def token_of(leg: Json) -> str:
    """The attempt's token, the last part of the leg's voice URL."""
    return str(urlsplit(leg["params"]["Url"]).path.rsplit("/", 1)[-1])


def test_a_process_that_is_killed_loses_no_call_and_dials_nobody_twice(stack: Stack) -> None:
    stack.faults(create=CREATE_FAULTS, callbacks=CALLBACK_FAULTS, listLag=1)
    # So few at once that some are left to be dialed when the last one is killed.
    call_ids = submit_fifty(stack, "312", in_flight=10)
    for nth, part in enumerate(PARTS, 1):
        least = nth * BETWEEN_KILLS
        wait_until(partial(_has_dialed, stack, "+1312", least), f"{least} are dialed")
        assert any(stack.call(one)["status"] not in FINAL for one in call_ids)
        stack.kill(part)
        wait_until(stack.all_ready, "everything ready again")
    views = stack.wait_for_ends(call_ids, 200)
    _nobody_was_dialed_twice(views, _legs(stack, "+1312"))


PEOPLE = 6
BUDGET = 4


def test_kills_never_ring_two_phones_of_one_person_and_one_budget_holds_over_all(
    stack: Stack,
) -> None:
    """Two calls to each of some people, which share a number; the worker is killed twice."""
    stack.faults(create=CREATE_FAULTS, callbacks=CALLBACK_FAULTS, listLag=1)
    retry = {"maxAttempts": BUDGET, "busy": "PT1S", "noAnswer": "PT1S", "nextNumber": "PT1S"}
    agents = [
        stack.agent(ringTimeout=15, maxConcurrent=50, callsPerMinute=600, retry=retry)
        for _ in range(2)
    ]
    people = [[f"+17025550{100 + 3 * n + k}" for k in range(3)] for n in range(PEOPLE)]
    call_ids = []
    for n, (home, mobile, work) in enumerate(people):
        stack.script(home, "busy" if n % 2 else "invalid")
        stack.script(mobile, "busy", {"answer": {"after": 1.5, "by": "human", "digits": "1"}})
        stack.script(work, "busy")
        both = ((agents[0], home, [mobile, work]), (agents[1], work, [mobile]))
        for agent, first, others in both:
            listed = [{"endpoint": one, "type": "mobile"} for one in others]
            call_ids.append(stack.submit(agent, first, otherNumbers=listed))
    for dialed in (6, 14):
        wait_until(partial(_has_dialed, stack, "+1702", dialed), "some are dialed")
        stack.kill("worker")
    wait_until(stack.all_ready, "everything ready again")
    views = stack.wait_for_ends(call_ids, 200)
    legs = _legs(stack, "+1702")
    assert max(Counter(token_of(leg) for leg in legs).values()) == 1
    for view in views:
        counted = [one for one in view["attempts"] if one["result"] not in UNCOUNTED]
        assert len(counted) <= BUDGET
        _no_dial_followed_an_unknown(view)
    for numbers in people:
        _one_after_the_other([leg for leg in legs if leg["to"] in numbers])


def _has_dialed(stack: Stack, prefix: str, least: int) -> bool:
    return len(_legs(stack, prefix)) >= least


UNCOUNTED = {"throttled", "not_sent", "account_refused", "not_served", None}


def _one_after_the_other(legs: list[Json]) -> None:
    """No leg of a person's begins before the one before it has ended, at whichever number."""
    in_order = sorted(legs, key=lambda leg: str(leg["createdAt"]))
    for before, after in pairwise(in_order):
        assert before["endedAt"] is not None
        assert before["endedAt"] <= after["createdAt"], (before["to"], after["to"])


def test_a_phone_that_rings_is_stopped_though_no_worker_was_there_to_hear_of_it(
    stack: Stack,
) -> None:
    stack.faults()
    call_id = stack.ringing_call("+15125550100")
    os.kill(stack.pids()["worker"], signal.SIGKILL)
    stack.signal(call_id, "cancel")
    assert stack.wait_for_end(call_id)["outcome"] == "canceled"
    [leg] = stack.legs("+15125550100")
    assert leg["status"] == "canceled"


def _legs(stack: Stack, prefix: str) -> list[Json]:
    return [leg for leg in stack.legs() if leg["to"].startswith(prefix)]


def _nobody_was_dialed_twice(views: list[Json], legs: list[Json]) -> None:
    per_attempt = Counter(token_of(leg) for leg in legs)
    assert max(per_attempt.values()) == 1, per_attempt.most_common(3)
    per_number = Counter(leg["to"] for leg in legs)
    for view in views:
        assert per_number[view["endpoint"]] <= len(view["attempts"])
        _no_dial_followed_an_unknown(view)


def _no_dial_followed_an_unknown(view: Json) -> None:
    results = [attempt["result"] for attempt in view["attempts"]]
    if "unknown" in results:
        assert results.index("unknown") == len(results) - 1, results
        assert view["outcome"] == "unknown"


def test_who_heard_only_silence_when_the_api_died_was_not_called(stack: Stack) -> None:
    """It is killed while it is found out who listens; the carrier says sorry, and we call again."""
    stack.faults()
    # Who hangs up is told from who hears nothing by seconds.
    stack.carrier.put("/_sim/clock", json={"speed": 1}).raise_for_status()
    number = "+17085550110"
    confirms = {"answer": {"after": 0.5, "by": "human", "digits": "1"}}
    stack.script(number, {"answer": {"after": 0.5, "by": "unknown"}}, confirms)
    call_id = stack.submit(stack.agent(), number)

    def is_held() -> bool:
        return any("<Redirect>" in text for leg in stack.legs(number) for text in leg["twiml"])

    wait_until(is_held, "silence is heard")
    stack.kill("api")
    wait_until(stack.all_ready, "everything ready again")
    view = stack.wait_for_end(call_id, 60)
    stack.carrier.put("/_sim/clock", json={"speed": 4}).raise_for_status()
    first, second = stack.legs(number)
    assert any("Sorry, something went wrong" in text for text in first["twiml"])
    assert [one["result"] for one in view["attempts"]] == ["not_served", "answered"], first
    assert (view["outcome"], len(second["errors"])) == ("confirmed", 0)


def test_of_two_workers_the_one_with_the_loops_is_killed_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = {**QUICK, "TRUNKLINE_WORKERS": "2"}
    pair = Stack(tmp_path_factory.mktemp("pair"), settings, speed=4).start()
    pair.faults(create=CREATE_FAULTS, callbacks=CALLBACK_FAULTS, listLag=1)
    call_ids = submit_fifty(pair, "503")
    wait_until(lambda: len(pair.legs()) >= 15, "a third of the calls dialed")
    [holder] = {*_loop_pids(pair).values()}
    [killed] = [name for name, pid in pair.pids().items() if pid == holder]
    pair.kill(killed)

    def all_are_run_by_others() -> bool:
        pids = _loop_pids(pair)
        return pids.keys() == {*names.LOOPS} and holder not in pids.values()

    wait_until(all_are_run_by_others, "the loops in other hands")
    views = pair.wait_for_ends(call_ids, 200)
    _nobody_was_dialed_twice(views, pair.legs())
    assert len(_query(pair, "SELECT DISTINCT worker_id FROM attempt WHERE sent_at > ''")) >= 2
    assert pair.stop() == 0


def _loop_pids(stack: Stack) -> dict[str, int]:
    """The process of each loop that is run; its id begins a worker's."""
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    rows = _query(stack, f"SELECT name, holder FROM loop_lease WHERE expires_at > {now}")
    return {name: int(holder.partition("@")[0]) for name, holder in rows}


def _query(stack: Stack, statement: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(stack.data_dir / "trunkline.db")) as database:
        return database.execute(statement).fetchall()
