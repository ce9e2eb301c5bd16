"""A campaign, its agent and its pathway are loaded at most once in a transaction."""

import re
from collections import Counter

import pytest

from tests.api.campaigns.test_campaigns import made
from tests.api.world import Json, World
from tests.statements import Statement, statements

CAMPAIGNS = "/api/v1/campaigns"


def rows_loaded(sent: list[Statement]) -> list[Counter[str]]:
    """By transaction: how often a whole row of a table was asked for."""
    found: list[Counter[str]] = [Counter()]
    for one in sent:
        if one.text.startswith("BEGIN"):
            found.append(Counter())
        elif table := re.match(r"SELECT (campaign|agent|pathway)\.\1_id, \1\.account_id", one.text):
            found[-1][table[1]] += 1
    return [counts for counts in found if counts]


async def started(world: World) -> Json:
    campaign = await made(world)
    return await world.post(f"{CAMPAIGNS}/{campaign['campaignId']}/start", {}, 200)


async def test_a_start_loads_each_row_once(world: World):
    campaign = await made(world)
    with statements(world.db) as sent:
        await world.post(f"{CAMPAIGNS}/{campaign['campaignId']}/start", {}, 200)
    assert rows_loaded(sent) == [{"campaign": 1, "agent": 1, "pathway": 1}]


@pytest.mark.parametrize("step", ["pause", "cancel"])
async def test_a_step_loads_the_campaign_once_and_its_report_each_row_once(world: World, step: str):
    campaign = await started(world)
    with statements(world.db) as sent:
        await world.post(f"{CAMPAIGNS}/{campaign['campaignId']}/{step}", {}, 200)
    done, *report = rows_loaded(sent)
    assert done == {"campaign": 1}
    assert len(report) == 1
    assert set(report[0].values()) == {1}


async def test_a_report_loads_each_row_once(world: World):
    campaign = await started(world)
    with statements(world.db) as sent:
        await world.http.get(f"{CAMPAIGNS}/{campaign['campaignId']}")
    assert rows_loaded(sent) == [{"campaign": 1, "agent": 1, "pathway": 1}]
