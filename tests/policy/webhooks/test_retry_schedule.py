"""When a webhook is tried again, and when no more."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.webhooks.retry_schedule import (
    DISABLED_AFTER,
    JITTER,
    LONGEST_WAIT,
    RETRIES,
    ReceiverAnswer,
    next_try,
    why_disabled,
)

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BAD = ReceiverAnswer(status=500)


def never() -> float:
    return 0.0


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 5), (2, 30), (3, 120), (4, 600), (5, 3600), (6, 21600), (7, 86400)],
)
def test_each_failure_waits_longer_than_the_one_before(failures: int, seconds: int) -> None:
    assert next_try(BAD, failures, NOW, never) == NOW + timedelta(seconds=seconds)


def test_after_the_last_try_it_is_given_up() -> None:
    assert next_try(BAD, len(RETRIES) + 1, NOW, never) is None


@given(st.floats(0, 1), st.integers(1, len(RETRIES)))
def test_jitter_only_lengthens_and_only_by_its_part(chance: float, failures: int) -> None:
    at = next_try(BAD, failures, NOW, lambda: chance)
    assert at is not None
    assert RETRIES[failures - 1] <= at - NOW <= RETRIES[failures - 1] * (1 + JITTER)


@given(st.timedeltas(timedelta(), timedelta(days=400)))
def test_retry_after_is_honoured_up_to_a_bound_and_never_shortens(asked: timedelta) -> None:
    at = next_try(ReceiverAnswer(status=503, retry_after=asked), 3, NOW, never)
    assert at is not None
    assert at - NOW == max(RETRIES[2], min(asked, LONGEST_WAIT))


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_only_2xx_is_a_good_answer(status: int) -> None:
    assert ReceiverAnswer(status=status).is_good


@pytest.mark.parametrize(
    "answer",
    [
        ReceiverAnswer(status=301),
        ReceiverAnswer(status=199),
        ReceiverAnswer(status=404),
        ReceiverAnswer(error="refused"),
    ],
)
def test_everything_else_is_not(answer: ReceiverAnswer) -> None:
    assert not answer.is_good


def test_gone_disables_at_once() -> None:
    assert why_disabled(ReceiverAnswer(status=410), NOW, NOW) == "it answered 410 Gone"


def test_three_days_of_nothing_but_failures_disable() -> None:
    just_before = DISABLED_AFTER - timedelta(seconds=1)
    assert why_disabled(BAD, NOW - just_before, NOW) is None
    assert why_disabled(BAD, NOW - DISABLED_AFTER, NOW) == "every request has failed for 3 days"
