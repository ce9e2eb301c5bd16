"""When a caller ID is said to be answered less than it was."""

from random import Random

import pytest

from policy.analytics.caller_id_health import (
    LEAST_ATTEMPTS,
    LEAST_Z,
    MOST_CHANCE,
    HealthVerdict,
    health,
)
from policy.statistics import Sample, drop


@pytest.mark.parametrize(
    ("recent", "before", "verdict"),
    [
        (Sample(10, 100), Sample(60, 200), HealthVerdict.DROPPED),
        (Sample(30, 100), Sample(60, 200), HealthVerdict.STEADY),
        (Sample(90, 100), Sample(60, 200), HealthVerdict.STEADY),
        # A fall of a third that chance often makes in so few.
        (Sample(20, 100), Sample(60, 200), HealthVerdict.STEADY),
        # The same in ten times as many.
        (Sample(200, 1000), Sample(600, 2000), HealthVerdict.DROPPED),
        (Sample(0, LEAST_ATTEMPTS - 1), Sample(60, 200), HealthVerdict.TOO_FEW),
        (Sample(0, LEAST_ATTEMPTS), Sample(60, 200), HealthVerdict.DROPPED),
        (Sample(0, 100), Sample(40, LEAST_ATTEMPTS - 1), HealthVerdict.TOO_FEW),
        # Fewer than five answers are expected of 100.
        (Sample(0, 100), Sample(20, 500), HealthVerdict.TOO_FEW),
        (Sample(100, 100), Sample(100, 100), HealthVerdict.TOO_FEW),
        (Sample(0, 0), Sample(0, 0), HealthVerdict.TOO_FEW),
    ],
)
def test_the_verdict_as_a_table(recent: Sample, before: Sample, verdict: HealthVerdict):
    assert health(recent, before).verdict is verdict


def test_the_bound_is_one_in_a_thousand():
    assert round(LEAST_Z, 2) == 3.09
    falls = [Sample(hits, 400) for hits in range(40, 121)]
    before = Sample(900, 3000)
    for recent in falls:
        found = health(recent, before)
        z = drop(before, recent)
        assert (found.z, found.verdict is HealthVerdict.DROPPED) == (
            z,
            z is not None and z >= LEAST_Z,
        )
        assert found.chance is not None
        assert (found.chance <= MOST_CHANCE) is (found.verdict is HealthVerdict.DROPPED)


def test_numbers_that_only_chance_moves_are_hardly_ever_flagged():
    """Two thousand looks at numbers that are all answered as they always were."""
    random = Random(7)

    def answered(attempts: int) -> Sample:
        return Sample(sum(random.random() < 0.3 for _ in range(attempts)), attempts)

    looks = (health(answered(80), answered(300)) for _ in range(2000))
    assert sum(one.verdict is HealthVerdict.DROPPED for one in looks) <= 8
