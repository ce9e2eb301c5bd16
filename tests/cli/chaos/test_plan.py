"""What is struck when is drawn from the seed alone."""

from collections import Counter

from cli.chaos.plan import BlowKind, blows

WORKERS = ("worker", "worker-2")


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    first = blows(60, 1, WORKERS, on_postgresql=False)
    assert first == blows(60, 1, WORKERS, on_postgresql=False)
    assert first != blows(60, 2, WORKERS, on_postgresql=False)


def test_every_part_is_struck_in_every_way_before_any_is_struck_again() -> None:
    plan = blows(60, 3, WORKERS, on_postgresql=True)
    names = Counter(blow.name for blow in plan)
    assert {blow.part for blow in plan} == {"api", "carrier", "temporal", "database", *WORKERS}
    assert {blow.kind for blow in plan} == {*BlowKind} - {BlowKind.LOCK}
    assert min(names.values()) >= 3


def test_a_kill_is_over_at_once_and_all_else_lasts_for_a_bounded_while() -> None:
    for blow in blows(200, 4, WORKERS, on_postgresql=True):
        instant = blow.kind in (BlowKind.KILL, BlowKind.END_SESSIONS)
        assert (blow.seconds == 0) is instant
        assert blow.seconds <= 6
