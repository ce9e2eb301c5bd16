"""Preflight: a verdict for every row, by zone, and what will not fit before the deadline."""

import time
from typing import Any

from storage.campaigns import contacts
from storage.campaigns.contacts import ContactRow
from tests.api.campaigns.test_campaigns import act, made, patch
from tests.api.worker import ask_for_consent
from tests.api.world import Json, World

NEW_YORK, HONOLULU = "America/New_York", "Pacific/Honolulu"
#: Monday 15:00 UTC: 10 in New York, 5 in Honolulu; both may be called from 8 on.
EAST, ISLANDS, NOWHERE = "+12125550123", "+18085550123", "+15555550123"
SUPPRESSED, UNASKED = "+12125550124", "+12125550125"


async def preflight(world: World, campaign: Json, **query: Any) -> Json:
    path = f"/api/v1/campaigns/{campaign['campaignId']}/preflight"
    answer = await world.http.post(path, params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_every_row_has_a_verdict_a_reason_and_its_next_moment(world: World):
    people = [{"endpoint": one} for one in (EAST, ISLANDS, NOWHERE, "nonsense")]
    campaign = await made(world, contacts=people)
    found = await preflight(world, campaign)
    assert (found["contacts"], found["invalid"]) == (3, 1)
    assert (found["ready"], found["later"], found["refused"]) == (1, 1, 1)
    rows = {row["row"]: row for row in found["rows"]}
    assert (rows[1]["verdict"], rows[1]["nextAt"]) == ("ready", "2026-11-23T15:00:00Z")
    assert (rows[2]["verdict"], rows[2]["reason"]) == ("later", "calling_hours")
    assert rows[2]["nextAt"] == "2026-11-23T18:00:00Z"
    assert (rows[3]["verdict"], rows[3]["reason"]) == ("refused", "needs_timezone")
    assert found["reasons"] == {"first_attempt": 1, "calling_hours": 1, "needs_timezone": 1}
    assert found["nextAt"] == "2026-11-23T15:00:00Z"
    assert found["endsAt"].startswith("2026-11-23T18:00:0")


async def test_rows_are_paged_and_zones_are_not(world: World):
    people = [{"endpoint": f"+1212555{n:04}"} for n in range(30)] + [{"endpoint": ISLANDS}]
    campaign = await made(world, contacts=people)
    found = await preflight(world, campaign, skip=29, take=5)
    assert [row["row"] for row in found["rows"]] == [30, 31]
    assert [(zone["timezones"], zone["contacts"]) for zone in found["zones"]] == [
        ([NEW_YORK], 30),
        ([HONOLULU], 1),
    ]


async def test_a_contacts_own_zone_counts_and_not_its_numbers(world: World):
    people = [{"endpoint": NOWHERE, "timezone": NEW_YORK}]
    found = await preflight(world, await made(world, contacts=people))
    assert (found["ready"], found["rows"][0]["timezones"]) == (1, [NEW_YORK])


async def test_who_must_not_be_called_is_told_before_the_campaign_starts(world: World):
    await ask_for_consent(world)
    agreed = {"tier": "express", "method": "web form"}
    for endpoint in (EAST, SUPPRESSED):
        await world.post("/api/v1/consents", {"endpoint": endpoint, **agreed})
    await world.post("/api/v1/suppressions", {"endpoint": SUPPRESSED})
    people = [{"endpoint": one} for one in (EAST, SUPPRESSED, UNASKED)]
    found = await preflight(world, await made(world, contacts=people))
    assert (found["ready"], found["refused"]) == (1, 2)
    assert found["reasons"] == {"first_attempt": 1, "suppressed": 1, "no_consent": 1}
    rows = {row["row"]: row for row in found["rows"]}
    assert rows[2]["detail"] == "The number is on the do-not-call list (api)."
    assert rows[3]["detail"] == (
        "No express consent is on file, and us.federal.consent asks for it."
    )
    assert rows[3]["timezones"] == [NEW_YORK]


async def test_a_campaign_whose_defaults_state_consent_needs_none_on_file(world: World):
    await ask_for_consent(world)
    defaults = {"consent": {"tier": "express", "method": "web form"}}
    campaign = await made(world, contacts=[{"endpoint": UNASKED}], defaults=defaults)
    assert (await preflight(world, campaign))["reasons"] == {"first_attempt": 1}


async def test_what_does_not_fit_before_the_deadline_is_told_by_zone(world: World):
    people = [{"endpoint": f"+1212555{n:04}"} for n in range(50)]
    people += [{"endpoint": f"+1808555{n:04}"} for n in range(20)]
    deadline = {"callDeadline": "2026-11-23T15:10:00Z"}
    campaign = await made(world, contacts=people, schedule=deadline, maxConcurrent=5)
    found = await preflight(world, campaign)
    # Four calls a minute for a little less than ten minutes; Honolulu does not open in time.
    zones = {zone["timezones"][0]: zone for zone in found["zones"]}
    assert (zones[HONOLULU]["refused"], zones[HONOLULU]["willMiss"]) == (20, 0)
    assert found["reasons"]["deadline_unreachable"] == 20
    assert 10 <= zones[NEW_YORK]["willMiss"] <= 16
    assert (found["willMiss"], found["endsAt"]) == (zones[NEW_YORK]["willMiss"], None)
    await patch(world, campaign, {"maxConcurrent": 20})
    assert (await preflight(world, campaign))["willMiss"] == 0


async def test_a_preflight_changes_nothing_and_is_allowed_while_it_runs(world: World):
    campaign = await made(world)
    before = await preflight(world, campaign)
    await act(world, campaign, "start")
    assert await preflight(world, campaign) == before


async def test_ten_thousand_contacts_take_in_proportion_to_their_number(world: World):
    campaign = await made(world, contacts=[])
    few = await seconds_to_look_at(world, campaign, range(2_500))
    # Four times as many: what grows with the square would take sixteen times as long.
    assert await seconds_to_look_at(world, campaign, range(2_500, 10_000)) < 9 * few


async def seconds_to_look_at(world: World, campaign: Json, added: range) -> float:
    """Of the processor's time, for all contacts so far."""
    rows = [ContactRow(n, f"+1{212 + n % 5}555{n:04}") for n in added]
    async with world.db.write() as session:
        await contacts.insert_rows(session, campaign["campaignId"], rows)
    started = time.process_time()
    found = await preflight(world, campaign)
    assert found["contacts"] == added.stop
    return time.process_time() - started
