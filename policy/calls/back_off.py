"""How long a call waits after attempts that reached no network, by how many there were in a row."""

from datetime import timedelta

THROTTLE_FIRST = timedelta(seconds=5)
THROTTLE_LONGEST = timedelta(minutes=5)


def throttle_delay(in_a_row: int) -> timedelta:
    """Back-off after the n-th throttled request in a row: 5 s, doubled each time, up to 5 min."""
    doublings = min(in_a_row - 1, 10)
    return min(THROTTLE_FIRST * (1 << doublings), THROTTLE_LONGEST)


def not_sent_delay(in_a_row: int) -> timedelta:
    """Back-off after the n-th attempt in a row that was not sent: none, then as if throttled.

    Once it is the call's own news, such as a full cap, which the next decision sees. After that it
    may be something that lasts, such as an API that does not answer.
    """
    return throttle_delay(in_a_row - 1) if in_a_row > 1 else timedelta()
