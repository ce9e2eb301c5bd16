"""Who is let in while many are at work, and how a bucket fills."""

from policy.accounts.admission import LEAST, PATIENCE, Admission
from policy.accounts.token_bucket import Buckets, Pace


def crowd(gate: Admission) -> int:
    """Lets in as many as may come, and says how many are then at work."""
    while not gate.wait():
        gate.enter()
    return gate.at_work


def work_off(gate: Admission, seconds: float, times: int) -> None:
    """Each leaves so long after the one before, and somebody comes instead; then all leave."""
    now = 0.0
    for _ in range(times):
        now += seconds
        gate.leave(now)
        gate.enter()
    while gate.at_work:
        now += seconds
        gate.leave(now)


def test_as_many_are_let_in_as_are_done_while_one_is_patient():
    for seconds in (0.002, 0.02):
        gate = Admission()
        crowd(gate)
        work_off(gate, seconds, 200)
        assert abs(crowd(gate) * seconds / PATIENCE - 1) < 0.05
        assert gate.wait() >= PATIENCE


def test_a_few_are_let_in_however_slow_things_are():
    gate = Admission()
    crowd(gate)
    work_off(gate, 100.0, 500)
    assert crowd(gate) == LEAST


def test_one_long_request_says_nothing_of_how_many_can_be_done():
    gate = Admission()
    before = gate.gap
    for now in (10.0, 90.0, 200.0):
        gate.enter()
        gate.leave(now)
    assert gate.gap == before


def test_a_bucket_gives_all_it_has_at_once_and_then_keeps_the_pace():
    found, pace = Buckets(), Pace(60)
    assert [found.take("me", pace, 0.0) for _ in range(61)] == [0.0] * 60 + [1.0]
    assert found.take("another", pace, 0.0) == 0.0
    assert found.take("me", pace, 1.0) == 0.0
    assert found.take("me", pace, 1.5) == 0.5
    assert found.left("me", pace, 1000.0) == 60


def test_without_a_limit_nothing_is_remembered():
    found = Buckets()
    assert not any(found.take("me", Pace(0), 0.0) for _ in range(1000))
    assert len(found) == 0


def test_of_many_those_are_forgotten_that_came_longest_ago():
    found, pace = Buckets(most=2), Pace(1)
    for who in ("first", "second", "first", "third"):
        found.take(who, pace, 0.0)
    assert len(found) == 2
    assert [found.left(who, pace, 0.0) for who in ("first", "second", "third")] == [0, 1, 0]
