"""Coming rules: what a day to come would do to the calls that would still wait by then."""

from tests.api.worker import get
from tests.api.world import Json, World

COMING = "compliance/rules/coming"
LATER = {"notBefore": "2026-12-20T16:00:00Z"}
SOON = {"notBefore": "2026-11-30T16:00:00Z"}


async def own(world: World, **said: object) -> None:
    rule = {"jurisdiction": "US", "effectiveFrom": "2026-12-10", **said}
    await world.post("/api/v1/compliance/overlays", rule)


async def of_day(world: World, day: str) -> Json:
    found = await get(world, COMING)
    [change] = [one for one in found["changes"] if one["on"] == day]
    return dict(change)


async def test_the_packs_own_days_are_told_with_their_rules(world: World):
    change = await of_day(world, "2027-01-31")
    assert [rule["ruleId"] for rule in change["begins"]] == ["us.federal.revoke_all"]
    assert (change["waiting"], change["moved"], change["ended"]) == (0, 0, 0)


async def test_calls_move_or_end_by_a_rule_of_a_day_to_come(world: World):
    for endpoint in ("+12125550141", "+12125550142"):
        await world.call(endpoint=endpoint, schedule=LATER)
    windows = {"mon": [["18:00", "19:00"]]}
    await own(world, id="late", kind="calling_hours", windows=windows)
    change = await of_day(world, "2026-12-10")
    assert (change["waiting"], change["moved"], change["ended"]) == (2, 2, 0)
    await own(world, id="range", kind="caller_id_range", prefixes=["+1999"])
    change = await of_day(world, "2026-12-10")
    assert (change["waiting"], change["moved"], change["ended"]) == (2, 0, 2)


async def test_a_call_that_is_due_before_is_not_counted(world: World):
    await world.call(schedule=SOON)
    await own(world, id="range", kind="caller_id_range", prefixes=["+1999"])
    found = await get(world, COMING)
    assert (found["lookedAt"], found["isComplete"]) == (1, True)
    assert (await of_day(world, "2026-12-10"))["waiting"] == 0


async def test_asking_changes_nothing(world: World):
    call_id = await world.call(schedule=LATER)
    before = await world.view(call_id)
    await own(world, id="range", kind="caller_id_range", prefixes=["+1999"])
    await get(world, COMING)
    assert (await world.view(call_id))["decisions"] == before["decisions"]
