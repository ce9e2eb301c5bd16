"""A place in line is the turn that the dispatcher will give, and says when that should be."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.dispatch.dwrr import Band, order
from policy.dispatch.queue_position import (
    Pace,
    QueuePosition,
    expected_start,
    line,
    queue_positions,
)
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


@pytest.mark.parametrize(
    ("place", "room", "per_minute", "minutes"),
    [
        (1, 1, 0, 0),
        (2, 1, 0, None),
        (2, 1, 60, 1 / 60),
        (61, 1, 60, 1),
        (1, 0, 0, None),
        (1, -3, 6, 1 / 6),
    ],
)
def test_the_start_follows_from_room_and_pace(place, room, per_minute, minutes):
    start = expected_start(place, Pace(room, per_minute), NOW)
    assert start == (None if minutes is None else NOW + minutes * MINUTE)


def test_the_slowest_of_its_caps_decides_when_a_call_starts():
    turns = [call(1, "a"), call(2, "b"), call(3, "a")]
    caps = {"a": ["account", "agent"], "b": ["account"]}
    paces = {"account": Pace(10, 60), "agent": Pace(1, 1)}
    found = queue_positions(turns, caps, paces, NOW, {"a-1", "a-3"})
    assert found == {"a-1": QueuePosition(1, NOW), "a-3": QueuePosition(3, NOW + MINUTE)}


def test_nobody_starts_where_nothing_moves():
    found = queue_positions(
        [call(1, "a")], {"a": ["account"]}, {"account": Pace(0, 0)}, NOW, {"a-1"}
    )
    assert found == {"a-1": QueuePosition(1, None)}
