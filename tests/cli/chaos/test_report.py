"""The report says the same as text, as JSON and as a page."""

import json

from cli.chaos.page import page
from cli.chaos.plan import Blow, BlowKind
from cli.chaos.report import Report
from cli.chaos.strikes import Struck
from cli.chaos.verdict import judge
from tests.cli.chaos.test_verdict import ADA, call, leg

KILLED = Struck(Blow("api", BlowKind.KILL), 1.5)
DEAD = Struck(Blow("carrier", BlowKind.KILL), None)


def report(*struck: Struck, wrong: tuple[str, ...] = ()) -> Report:
    verdict = judge({"a"}, (ADA,), [call()], [leg()])
    return Report(1, len(struck), 7, "PostgreSQL", 60.0, verdict, struck, 2, wrong)


def test_a_run_that_kept_everything_says_so_and_how_to_repeat_it() -> None:
    kept = report(KILLED)
    assert kept.broken() == []
    assert "Every promise was kept." in kept.as_text()
    assert kept.command == "trunkline chaos --calls 1 --kills 1 --seed 7 --postgres"
    assert "Every promise was kept." in page(kept)


def test_what_never_recovered_is_a_broken_promise_and_null_in_json() -> None:
    broken = report(KILLED, DEAD)
    assert "carrier: kill" in broken.broken()[0]
    told = json.loads(json.dumps(broken.as_json()))
    assert [one["recoveredSeconds"] for one in told["blows"]] == [1.5, None]


def test_a_blow_that_met_nothing_counts_neither_as_one_nor_as_a_recovery() -> None:
    told = report(KILLED, Struck(Blow("carrier", BlowKind.KILL), 0.1, landed=False))
    assert dict(told.figures())["blows"] == "1 of 2"
    assert [name for name, *_ in told.recoveries()] == ["api: kill"]
    assert [one["landed"] for one in told.as_json()["blows"]] == [True, False]


def test_an_answer_that_is_neither_yes_nor_a_clear_no_is_shown_and_escaped() -> None:
    broken = report(KILLED, wrong=("/api/v1/calls: 500 <b>oops</b>",))
    assert "BROKEN" in broken.as_text()
    assert "<b>oops" not in page(broken)
