"""What a campaign is told about itself before it begins."""

from datetime import UTC, datetime, timedelta

from policy.campaigns.goals import Goal
from policy.campaigns.outline import outline
from policy.campaigns.splits import Split, Variant
from policy.campaigns.steps import BEGIN, Step, StepKind
from policy.model.call import Outcome
from policy.time.best_times import BestTimePreset, BestTimes

CONFIRMED = frozenset({Outcome.CONFIRMED})


def told(goal=None, split=None, steps=None, best_times=None):
    return list(outline(goal, split, steps, best_times, "USD"))


def test_of_a_plain_campaign_nothing_is_said():
    assert told() == []


def test_a_goal_says_when_it_ends_and_who_is_not_called():
    until = datetime(2027, 3, 5, 22, tzinfo=UTC)
    goal = Goal(CONFIRMED, 200, "region", {"north": 100, "south": 50}, 250_000_000, until)
    assert told(goal) == [
        "It ends as soon as 200 of its calls have ended as confirmed, or each region has as many "
        "of them as it asks for, or 250.00 USD are spent, or it is 2027-03-05 22:00 UTC; who is "
        "left then is not called.",
        "By region: north 100, south 50. Contacts of any other region are not called.",
    ]


def test_a_split_says_the_shares_and_whether_they_move():
    evening = Variant("evening", 3, window={"start": "17:00", "end": "20:00"})
    assert told(split=Split((Variant("as now"), evening), CONFIRMED, learns=True)) == [
        "Contacts are split by their numbers: as now 25%, evening 75%; that moves to what does "
        "better.",
        "Variants with a window of their own are looked at here as if they had none.",
    ]


def test_steps_are_counted_and_are_not_among_the_figures():
    steps = {
        BEGIN: Step(StepKind.CALL, {"no_answer": "text"}),
        "text": Step(StepKind.TEXT, {"any": "a day"}),
        "a day": Step(StepKind.WAIT, {"any": "again"}, timedelta(days=1)),
        "again": Step(StepKind.CALL),
    }
    assert told(steps=steps) == [
        "Its calls are followed by steps (1 call, 1 text, 1 wait): no_answer leads to text.",
        "What follows is not among these figures: its calls, its texts, and what they cost.",
    ]


def test_best_times_are_told_where_they_come_from():
    assert told(best_times=BestTimes(BestTimePreset.BUSINESS)) == [
        "Preset business until 40 answers (0 so far): weekdays 10-11 and 14-16; within what is "
        "allowed."
    ]
