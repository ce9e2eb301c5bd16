"""Each benchmark runs; how fast is for `make bench` to say."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from benchmarks import report, results
from benchmarks.databases import analytics, bulk, campaigns, databases, forecasts, pages, rows
from benchmarks.databases.page_rows import Amounts
from benchmarks.figures.figures import Figure
from benchmarks.figures.pace import percentile
from benchmarks.figures.sizes import SMALL
from benchmarks.load import big, latency, overload, pause, staged_contacts, throughput
from benchmarks.stacks.stack import BenchStack, running
from tests.e2e.browser.pages import PAGES

TINY = replace(
    SMALL,
    api_calls=6,
    campaign_calls=6,
    bulk_calls=6,
    in_flight=5,
    arrivals=5,
    arrivals_per_second=5,
    overload_seconds=2,
    contacts=10,
    staged=200,
    paused=30,
)
e2e = pytest.mark.e2e
FIGURES = [
    Figure("kept", 1.5, "s", "bare: 1.0", 1.5, "<= 2 s", True),
    Figure("not kept", 3, "s", None, None, "<= 2 s", False),
    Figure("noted", 7, "ms"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running_stack() -> AsyncIterator[BenchStack]:
    async with running(10, pause.QUICK) as started:
        yield started


@pytest.fixture
def stack(running_stack: BenchStack, monkeypatch: pytest.MonkeyPatch) -> BenchStack:
    monkeypatch.setattr(latency, "LEAD_SECONDS", 2)
    monkeypatch.setattr(pause, "PAUSE_SECONDS", 2)
    return running_stack


@pytest.fixture(autouse=True)
def _once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it can be measured is seen the first time."""
    monkeypatch.setattr(databases, "ROUNDS", 1)


def broken(figures: list[Figure]) -> list[str]:
    """What must hold however slow the machine is: counts."""
    return [one.name for one in figures if one.holds is False and (one.bound or "").startswith("=")]


@e2e
async def test_the_benchmarks_of_the_running_stack_measure_it(stack: BenchStack) -> None:
    found = [
        *await throughput.measure(stack, TINY),
        *await latency.measure(stack, TINY),
        *await staged_contacts.measure(stack, TINY),
    ]
    assert all(one.value >= 0 for one in found)
    assert len({one.name for one in found}) == len(found)


@e2e
async def test_the_big_campaign_ends_with_every_number_dialed_as_often_as_due(
    stack: BenchStack,
) -> None:
    assert broken(await big.measure(stack, TINY)) == []


@e2e
async def test_a_campaign_that_is_paused_and_killed_loses_nobody_and_dials_nobody_twice(
    stack: BenchStack,
) -> None:
    assert broken(await pause.measure(stack, TINY)) == []


@e2e
async def test_twice_what_it_can_bear_is_accepted_kept_and_made(stack: BenchStack) -> None:
    assert broken(await overload.measure(stack, TINY)) == []


async def test_a_growing_campaign_is_measured_on_sqlite(tmp_path) -> None:
    found = await campaigns.measure(f"sqlite:///{tmp_path}/campaigns.db", (200,))
    assert [one.unit for one in found] == ["ms", "ms"]


async def test_the_numbers_of_counted_calls_are_measured_on_sqlite(tmp_path) -> None:
    found = await analytics.measure(f"sqlite:///{tmp_path}/analytics.db", 300)
    assert broken(found) == []


async def test_the_rows_are_measured_on_sqlite(tmp_path) -> None:
    found = await rows._measure(f"sqlite:///{tmp_path}/rows.db", (1_000,))
    assert found


async def test_the_pages_are_measured_on_sqlite(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A forecast takes seconds, and is measured by itself.
    monkeypatch.setattr(pages, "COMPUTED", {})
    found = await pages.measure(f"sqlite:///{tmp_path}/pages.db", Amounts().shared(0.002), 1)
    named = {one.name.removeprefix("sqlite: ") for one in found}
    assert {page.name for page in PAGES if not page.is_public} <= named


async def test_a_forecast_is_measured() -> None:
    assert (await forecasts.measure(50))["seeds"] == 10


@pytest.mark.parametrize("what", ["alone", "request"])
async def test_a_bulk_request_is_measured(
    what: str, tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bulk, "MEASURED", range(30))
    monkeypatch.setattr(bulk, "WARM_UP", range(30, 35))
    await bulk._main(what, f"sqlite:///{tmp_path}/bulk.db")
    assert json.loads(capsys.readouterr().out.splitlines()[-1]).keys() == {"seconds", "cpu", "mib"}


def test_the_page_of_results_names_the_bounds_that_were_not_held() -> None:
    run = report.as_json({"demo": FIGURES}, "small")
    page = results.page([json.loads(json.dumps(run))])
    assert "1 of 2 bounds are held. Not held: not kept (demo)." in page
    assert "| kept | 1.5 s | bare: 1.0 | 1.5 | <= 2 s | yes |" in page


def test_the_page_of_results_keeps_what_was_not_measured_now() -> None:
    older = results.page([json.loads(json.dumps(report.as_json({"demo": FIGURES}, "small")))])
    run = report.as_json({"other": FIGURES[:1]}, "full")
    page = results.page([json.loads(json.dumps(run))], older)
    assert "2 of 3 bounds are held. Not held: not kept (demo)." in page
    assert page.index("## demo") < page.index("## other")
    assert results.page([], page) == page


def test_the_percentile_is_one_of_the_values() -> None:
    assert percentile([4, 1, 3, 2], 50) == 2
    assert percentile(range(1, 101), 99) == 99
    assert percentile([7], 99) == 7
