"""/healthz says that the process lives, /readyz what it needs and lacks."""

import pytest

from tests.api.world import Json, World

LOOPS = {"loops": "ok"}


async def test_the_process_is_alive_whatever_else_is_away(world: World):
    world.gateway.away = True
    await world.db.close()
    assert (await world.http.get("/healthz")).json() == {"status": "ok"}


async def test_everything_is_there(world: World):
    await world.run_loops()
    answer = await world.http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "temporal": "ok", "worker": "ok", **LOOPS}


async def test_a_loop_that_nobody_runs_is_named(world: World):
    """As where the only worker is of an older version: calls are taken, none is dispatched."""
    answer = await world.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "temporal": "ok", "worker": "ok", "loops": "away"}


@pytest.mark.parametrize(
    ("lacking", "shown"),
    [
        ({"worker": False}, {"database": "ok", "temporal": "ok", "worker": "away"}),
        ({"away": True}, {"database": "ok", "temporal": "away", "worker": "away"}),
    ],
)
async def test_what_is_away_is_named(world: World, lacking: Json, shown: Json):
    for name, value in lacking.items():
        setattr(world.gateway, name, value)
    await world.run_loops()
    answer = await world.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**shown, **LOOPS})


async def test_a_database_that_does_not_answer_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    async def broken() -> None:
        raise OSError("no such host")

    monkeypatch.setattr(world.db, "ping", broken)
    await world.run_loops()
    answer = await world.http.get("/readyz")
    assert answer.json() == {"database": "away", "temporal": "ok", "worker": "ok", **LOOPS}


async def test_what_is_not_ready_is_asked_again(world: World):
    world.gateway.worker = False
    assert int((await world.http.get("/readyz")).headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_a_prober_may_ask_for_the_head_alone(world: World, path: str):
    await world.run_loops()
    assert (await world.http.head(path)).status_code == 200
