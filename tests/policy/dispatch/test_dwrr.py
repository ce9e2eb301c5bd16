from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy.dispatch.dwrr import (
    EMERGENCY,
    LOAN,
    VERY_SOON_BOOST,
    WaitingCall,
    class_of,
    effective_priority,
    order,
    weight,
)
from tests.policy.make import NOW

MINUTE = timedelta(minutes=1)


def call(n, key="a", priority=5, deadline=None):
    return WaitingCall(f"{key}-{n}", key, priority, deadline, NOW + n * MINUTE)


def backlog(priorities, length):
    """Classes "0", "1", ... that all keep waiting."""
    return [call(n, str(i), p) for i, p in enumerate(priorities) for n in range(length)]


def keys(calls):
    return [one.class_key for one in calls]


@pytest.mark.parametrize(
    ("priority", "minutes", "effective"),
    [
        (5, None, 5),
        (5, 61, 5),
        (5, 60, 8),
        (5, 16, 8),
        (5, 15, 10),
        (5, -5, 10),
        (3, 15, 8),
        (0, 30, 3),
        (9, 30, 12),
        (9, 1, 14),
        (10, None, 10),
        (10, 1, 15),
    ],
)
def test_a_near_deadline_lifts_the_priority(priority, minutes, effective):
    deadline = None if minutes is None else NOW + minutes * MINUTE
    assert effective_priority(priority, deadline, NOW) == effective


def test_what_differs_in_priority_still_differs_near_the_deadline():
    near = [call(0, priority=p, deadline=NOW + 10 * MINUTE) for p in range(EMERGENCY + 1)]
    assert len({class_of(one, NOW) for one in near}) == len(near)


def test_a_lifted_priority_makes_no_emergency():
    lifted, emergency = call(0, priority=5, deadline=NOW + MINUTE), call(1, priority=EMERGENCY)
    assert effective_priority(5, lifted.deadline, NOW) == EMERGENCY
    assert class_of(lifted, NOW) != class_of(emergency, NOW)
    assert order([lifted, emergency], {}, NOW, 2)[0] == [emergency, lifted]


def test_within_a_class_the_earliest_deadline_goes_first_then_priority_then_age():
    soon, later = NOW + timedelta(minutes=30), NOW + timedelta(minutes=40)
    # Priority 5 near its deadline counts as 8, as priority 8 without a deadline does.
    calls = [call(1, priority=8), call(0, priority=8), call(9, deadline=later)]
    calls += [call(4, deadline=soon), call(3, deadline=soon), call(5, deadline=later)]
    assert len({class_of(one, NOW) for one in calls}) == 1
    ids = [one.call_id for one in order(calls, {}, NOW, 10)[0]]
    assert ids == ["a-3", "a-4", "a-5", "a-9", "a-0", "a-1"]


def test_the_higher_priority_goes_first_of_two_with_one_deadline():
    near = NOW + timedelta(minutes=10)
    calls = [call(0, "b", 4, near), call(1, "a", 5, near), call(2, "c", 9, near)]
    assert [one.priority for one in order(calls, {}, NOW, 3)[0]] == [9, 5, 4]


@pytest.mark.parametrize("keys_of", [("a", "a"), ("a", "b")])
def test_forty_seconds_go_before_fourteen_minutes_whoevers_they_are(keys_of):
    roomy, tight = keys_of
    calls = [call(n, roomy, 9, NOW + 14 * MINUTE) for n in range(4)]
    calls.append(call(9, tight, 0, NOW + timedelta(seconds=40)))
    assert order(calls, {}, NOW, 1)[0] == calls[-1:]


def test_weights_grow_strictly():
    weights = [weight(effective) for effective in range(EMERGENCY + VERY_SOON_BOOST + 1)]
    assert weights == sorted(set(weights))


def test_within_a_class_the_longest_waiting_goes_first():
    calls = [call(3), call(1), call(2)]
    taken, deficits = order(calls, {}, NOW, 10)
    assert [one.call_id for one in taken] == ["a-1", "a-2", "a-3"]
    assert deficits == {}


def test_the_same_agents_boosted_call_is_a_class_of_its_own_and_goes_first():
    calls = [call(1), call(2, deadline=NOW + 10 * MINUTE)]
    assert class_of(calls[0], NOW) != class_of(calls[1], NOW)
    assert [one.call_id for one in order(calls, {}, NOW, 1)[0]] == ["a-2"]


def test_an_emergency_goes_before_everything_whatever_is_owed_to_others():
    calls = [*backlog([9, 5], 5), call(90, "e", 10), call(91, "f", 10)]
    owed = {class_of(calls[0], NOW): 10_000}
    taken, _ = order(calls, owed, NOW, 4)
    assert keys(taken)[:2] == ["e", "f"]
    assert EMERGENCY not in {one.priority for one in taken[2:]}


def test_classes_of_one_weight_take_turns():
    assert keys(order(backlog([5, 5, 5], 3), {}, NOW, 6)[0]) == ["0", "1", "2"] * 2


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.lists(st.integers(1, 9), max_size=9))
@example([0, 4], [9] * 9)
def test_every_class_is_always_within_one_turn_of_its_share(priorities, takes):
    # More of each class than there are turns: a class that runs empty has no share any more.
    waiting = backlog(priorities, 120)
    deficits: dict[str, int] = {}
    total = sum(map(weight, priorities))
    counts: Counter[str] = Counter()
    turns = 0
    for take in [*takes, 30]:
        taken, deficits = order(waiting, deficits, NOW, take)
        waiting = [one for one in waiting if one not in taken]
        for one in taken:
            turns += 1
            counts[one.class_key] += 1
            for i, priority in enumerate(priorities):
                share = turns * weight(priority) / total
                assert abs(counts[str(i)] - share) < 1


def test_one_urgent_class_among_many_small_ones_gets_its_share_in_time():
    # Turns given to the largest credit alone would leave the urgent class more than one behind.
    priorities = [9] + [1] * 10 + [0] * 40
    taken, _ = order(backlog(priorities, 100), {}, NOW, 180)
    total = sum(map(weight, priorities))
    for turns in range(1, 181):
        counts = Counter(keys(taken[:turns]))
        for i, priority in enumerate(priorities):
            assert abs(counts[str(i)] - turns * weight(priority) / total) < 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.integers(1, 40), st.integers(0, 40))
def test_two_rounds_grant_what_one_round_would(priorities, first, second):
    waiting = backlog(priorities, 81)
    whole, _ = order(waiting, {}, NOW, first + second)
    start, deficits = order(waiting, {}, NOW, first)
    rest, _ = order([one for one in waiting if one not in start], deficits, NOW, second)
    assert start + rest == whole


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9), st.integers(-(10**6), 10**6))
def test_nobody_starves_beside_ever_new_urgent_calls_whatever_is_on_the_books(priority, stale):
    patient = call(0, "patient", priority)
    deficits = {class_of(patient, NOW): stale}
    for n in range(700):
        urgent = call(n, f"campaign {n}", 9)
        taken, deficits = order([patient, urgent], deficits, NOW, 1)
        if taken == [patient]:
            return
    pytest.fail("the patient call never had its turn")


def test_a_class_at_its_cap_sits_out_and_keeps_its_credit():
    waiting = backlog([5, 5], 4)
    _, before = order(waiting, {}, NOW, 1)
    waiting = [one for one in waiting if one.call_id != "0-0"]
    taken, after = order(waiting, before, NOW, 3, admit=lambda one: one.class_key != "1")
    assert keys(taken) == ["0"] * 3
    assert after[class_of(waiting[-1], NOW)] == before[class_of(waiting[-1], NOW)]
    assert keys(order([*waiting[3:], call(9, "0")], after, NOW, 1)[0]) == ["1"]


def test_everything_is_taken_once_and_nothing_given_is_changed():
    waiting, deficits = backlog([0, 5, 9, 10], 5), {"x": 3}
    taken, after = order(waiting, deficits, NOW, 1000)
    assert sorted(map(id, taken)) == sorted(map(id, waiting))
    assert (deficits, after) == ({"x": 3}, {})
    assert order(waiting, {}, NOW, 0)[0] == []


def test_classes_that_are_all_in_debt_to_others_that_have_gone_still_take_turns():
    waiting = backlog([5, 5], 5)
    owing = {class_of(one, NOW): -(10**6) for one in waiting}
    taken, _ = order(waiting, owing, NOW, 100)
    assert keys(taken) == ["0", "1"] * 5
    assert len({one.call_id for one in taken}) == 10


def by_the_book(weights, lengths, credits, take):
    """The rule of the module's docstring, turn by turn and class by class."""
    left, credit = list(lengths), list(credits)
    turns: list[str] = []
    active: list[int] = []
    while any(left) and len(turns) < take:
        now_active = [i for i, n in enumerate(left) if n]
        total = sum(weights[i] for i in now_active)
        if now_active != active:
            active = now_active
            for i in active:
                credit[i] = max(-total, min(credit[i], total))
        for i in active:
            credit[i] += weights[i]
        due = {i: -((credit[i] - total) // weights[i]) for i in active}
        head = [length - waiting for length, waiting in zip(lengths, left, strict=True)]
        rank = {i: (credit[i] <= 0, due[i], -weights[i], head[i], i) for i in active}
        chosen = min(active, key=rank.__getitem__)
        credit[chosen] -= total
        left[chosen] -= 1
        turns.append(str(chosen))
    return turns, {i: credit[i] for i in active if left[i] and credit[i]}


classes = st.tuples(st.integers(0, 9), st.integers(1, 12), st.integers(-400, 400))


@settings(max_examples=200, deadline=None)
@given(st.lists(classes, min_size=1, max_size=6), st.integers(1, 80))
def test_the_fast_way_gives_the_turns_that_the_rule_says(given_classes, take):
    priorities, lengths, credits = zip(*given_classes, strict=True)
    waiting = [call(n, str(i), p) for i, p in enumerate(priorities) for n in range(lengths[i])]
    deficits = {f"{i}|{p}": credits[i] for i, p in enumerate(priorities)}
    taken, after = order(waiting, deficits, NOW, take)
    turns, left = by_the_book(list(map(weight, priorities)), lengths, credits, take)
    assert keys(taken) == turns
    assert after == {f"{i}|{priorities[i]}": credit for i, credit in left.items()}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 60)), min_size=2, max_size=6),
    st.lists(st.integers(1, 7), min_size=1, max_size=60),
)
def test_classes_that_never_run_dry_are_within_one_turn_of_their_weights_among_themselves(
    classes, takes
):
    # The others come and go as they run dry; what they leave is shared by weight, too.
    lasting = [(p, 10_000 if i < 2 else length) for i, (p, length) in enumerate(classes)]
    heads = {str(i): 0 for i in range(len(lasting))}
    deficits: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for take in takes:
        waiting = [
            call(n, str(i), p)
            for i, (p, length) in enumerate(lasting)
            for n in range(heads[str(i)], min(heads[str(i)] + take + 1, length))
        ]
        taken, deficits = order(waiting, deficits, NOW, take)
        for one in taken:
            heads[one.class_key] += 1
            counts[one.class_key] += 1
    first, second = (counts[str(i)] / weight(lasting[i][0]) for i in range(2))
    slack = sum(2 / weight(lasting[i][0]) for i in range(2))
    assert abs(first - second) <= slack * len(classes)


@pytest.mark.parametrize(
    ("left", "first"),
    [
        (timedelta(hours=1, seconds=1), "steady"),
        (timedelta(hours=1), "late"),
        (timedelta(minutes=15, seconds=1), "late"),
    ],
)
def test_a_boost_takes_effect_at_the_very_minute(left, first):
    # Priority 5 is boosted to 8 within the hour and then goes before 7, which goes before 5.
    steady, late = call(0, "steady", 7), call(0, "late", 5, deadline=NOW + left)
    assert keys(order([steady, late], {}, NOW, 1)[0]) == [first]


def test_the_second_boost_takes_effect_at_its_minute_too():
    steady = call(0, "steady", 8)
    for left, first in [(timedelta(minutes=15, seconds=1), "steady"), (15 * MINUTE, "late")]:
        late = call(1, "late", 5, deadline=NOW + left)
        assert keys(order([steady, late], {}, NOW, 1)[0]) == [first]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=8), st.integers(1, 30))
def test_no_call_below_priority_10_goes_before_one_of_it(priorities, take):
    waiting = backlog(priorities, 5)
    taken, _ = order(waiting, {}, NOW, take)
    urgent = [one for one in waiting if one.priority == EMERGENCY]
    expected = min(take, len(urgent))
    assert all(one.priority == EMERGENCY for one in taken[:expected])


def test_near_deadlines_without_end_leave_the_others_a_share_of_the_turns():
    patient = backlog([9, 0], 500)
    deficits: dict[str, int] = {}
    served: Counter[str] = Counter()
    for n in range(LOAN + 400):
        urgent = [call(n * 3 + i, f"campaign {n % 7}", 5, NOW + MINUTE) for i in range(3)]
        taken, deficits = order([*patient, *urgent], deficits, NOW, 1)
        patient = [one for one in patient if one not in taken]
        served.update(keys(taken))
    # Every other turn goes by weight: 100 and 1 beside 121.
    assert served["0"] >= 400 // 2 * 100 // 222
    assert served["1"] >= 1
