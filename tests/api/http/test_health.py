"""/healthz says that the process lives, /readyz what it needs and lacks."""

import pytest

from tests.api.world import Json, World


async def test_the_process_is_alive_whatever_else_is_away(world: World):
    world.gateway.away = True
    await world.db.close()
    assert (await world.http.get("/healthz")).json() == {"status": "ok"}


async def test_everything_is_there(world: World):
    answer = await world.http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "temporal": "ok", "worker": "ok"}


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
    answer = await world.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, shown)


async def test_a_database_that_does_not_answer_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    async def broken() -> None:
        raise OSError("no such host")

    monkeypatch.setattr(world.db, "ping", broken)
    answer = await world.http.get("/readyz")
    assert answer.json() == {"database": "away", "temporal": "ok", "worker": "ok"}


async def test_what_is_not_ready_is_asked_again(world: World):
    world.gateway.worker = False
    assert int((await world.http.get("/readyz")).headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_a_prober_may_ask_for_the_head_alone(world: World, path: str):
    assert (await world.http.head(path)).status_code == 200
