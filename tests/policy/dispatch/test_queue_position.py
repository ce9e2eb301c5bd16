"""A place in line is the turn that the dispatcher will give, and says when that should be."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.dispatch.dwrr import Band, order
from policy.dispatch.queue_position import (
    Flow,
    QueuePosition,
    expected_start,
    line,
    queue_positions,
)
from policy.dispatch.slots import SlotCap, Whose
from tests.policy.dispatch.test_dwrr import backlog, call
from tests.policy.make import NOW

MINUTE = timedelta(minutes=1)


def test_the_line_is_the_order_of_turns():
    waiting = backlog([3, 9, 5], 30)
    assert line(waiting, (), {}, NOW, 90) == order(waiting, {}, NOW, 90)[0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(1, 40)), min_size=1, max_size=5),
    st.integers(1, 12),
)
def test_a_line_cut_short_says_nothing_that_the_whole_would_not(classes, depth):
    whole = [call(n, str(i), p) for i, (p, length) in enumerate(classes) for n in range(length)]
    known = [one for one in whole if int(one.call_id.split("-")[1]) < depth]
    cut_short = {(str(i), p, Band.OPEN) for i, (p, length) in enumerate(classes) if length > depth}
    found = line(known, cut_short, {}, NOW, 1000)
    assert found == order(whole, {}, NOW, 1000)[0][: len(found)]
    assert len(found) == len(whole) or cut_short
    assert len(found) >= min(depth, len(whole))


def cap(room: int | None = None, recent: int = 0, pace: int | None = None) -> SlotCap:
    return SlotCap(Whose.AGENT, recent=recent, max_concurrent=room, calls_per_minute=pace)


@pytest.mark.parametrize(
    ("place", "room", "recent", "minutes"),
    [
        (1, 1, 0, 0),
        (2, 1, 0, None),
        (2, 1, 60, 1 / 60),
        (61, 1, 60, 1),
        (1, 0, 0, None),
        (1, -3, 6, 1 / 6),
        (900, None, 0, 0),
    ],
)
def test_the_start_follows_from_the_slots_that_are_free_and_become_free(
    place, room, recent, minutes
):
    start = expected_start(place, Flow(cap(room, recent)), NOW)
    assert start == (None if minutes is None else NOW + minutes * MINUTE)


@pytest.mark.parametrize(
    ("place", "pace", "ages", "seconds"),
    [
        (60, 60, [], 0),
        (61, 60, [], 60),
        (200, 60, [], 180),
        (1, 2, [10], 0),
        (2, 2, [10], 50),
        (1, 2, [5, 40], 20),
        (2, 2, [5, 40], 55),
        (3, 2, [5, 40], 80),
        (4, 2, [5, 40], 115),
        (1, 2, [1, 2, 3], 58),
        (1, 0, [], None),
    ],
)
def test_the_start_follows_from_the_pace(place, pace, ages, seconds):
    given_at = [NOW - timedelta(seconds=age) for age in ages]
    start = expected_start(place, Flow(cap(pace=pace), given_at), NOW)
    assert start == (None if seconds is None else NOW + timedelta(seconds=seconds))


AGES = st.lists(st.integers(0, 59), max_size=12).map(sorted)


@given(st.integers(1, 60), st.integers(1, 12), AGES)
def test_the_pace_is_what_a_minute_that_moves_with_the_clock_lets(place, pace, ages):
    """As the semaphore counts it: a slot is given when fewer than the pace were in the minute."""
    taken = [-age for age in reversed(ages)]
    second = 0
    for _ in range(place):
        while sum(at > second - 60 for at in taken) >= pace:
            second += 1
        taken.append(second)
    given_at = [NOW - timedelta(seconds=age) for age in ages]
    found = expected_start(place, Flow(cap(pace=pace), given_at), NOW)
    assert found == NOW + timedelta(seconds=second)


@given(st.integers(1, 500), st.integers(1, 60), st.integers(0, 9), st.integers(0, 30), AGES)
def test_a_pace_makes_nobody_earlier_and_holds_whoever_comes_after_it_for_its_minutes(
    place, pace, room, recent, ages
):
    given_at = [NOW - timedelta(seconds=age) for age in ages]
    without = expected_start(place, Flow(cap(room, recent), given_at), NOW)
    paced = expected_start(place, Flow(cap(room, recent, pace), given_at), NOW)
    if without is None:
        assert paced is None
    else:
        # What the minute still lets is at most the pace itself.
        assert paced is not None
        assert paced >= max(without, NOW + (place - pace) / pace * MINUTE)


def test_the_slowest_of_its_caps_decides_when_a_call_starts():
    turns = [call(1, "a"), call(2, "b"), call(3, "a")]
    caps = {"a": ["account", "agent"], "b": ["account"]}
    flows = {"account": Flow(cap(10, 60)), "agent": Flow(cap(1, 1))}
    found = queue_positions(turns, caps, flows, NOW, {"a-1", "a-3"})
    assert found == {"a-1": QueuePosition(1, NOW), "a-3": QueuePosition(3, NOW + MINUTE)}


def test_nobody_starts_where_nothing_moves():
    flows = {"account": Flow(cap(0, 0))}
    found = queue_positions([call(1, "a")], {"a": ["account"]}, flows, NOW, {"a-1"})
    assert found == {"a-1": QueuePosition(1, None)}


def test_nobody_starts_without_money_however_fast_it_went():
    flow = Flow(SlotCap(Whose.ACCOUNT, recent=30, max_concurrent=9, dials_left=0))
    assert expected_start(1, flow, NOW) is None
