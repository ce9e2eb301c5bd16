"""How each kind of activity is run: time-outs and retries, in one place."""

from datetime import datetime, timedelta

from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ActivityConfig, LocalActivityConfig

from contracts.names import DIAL_QUEUE, dial_activity_id

#: Database work. It is repeated until the database is back: nothing may be lost meanwhile.
DATABASE = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=15),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10)
    ),
)


def time_left(until: datetime | None, now: datetime) -> timedelta | None:
    """How long a dial may lie in its queue; None: for ever."""
    return None if until is None else max(until - now, timedelta(seconds=1))


def dial(time_left: timedelta | None) -> ActivityConfig:
    """The create request. A repeat finds the ledger's mark and never sends twice.

    The short heartbeat is what bounds recovery after a worker's death; `time_left` until the
    permission to dial runs out bounds how long it may lie in the queue.
    """
    return ActivityConfig(
        task_queue=DIAL_QUEUE,
        schedule_to_start_timeout=time_left,
        start_to_close_timeout=timedelta(seconds=75),
        heartbeat_timeout=timedelta(seconds=6),
        retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=5)),
    )


#: The longest that a leg may ring and talk, and more: its end is told, or found by the watch, long
#: before. After this the dial is taken up again, and asks.
LONGEST_LEG = timedelta(hours=4, minutes=15)


def dial_to_end(attempt_number: int, time_left: timedelta | None) -> ActivityConfig:
    """The same until the leg is over. No heartbeat: a dead worker's dials are failed by another."""
    return ActivityConfig(
        task_queue=DIAL_QUEUE,
        activity_id=dial_activity_id(attempt_number),
        schedule_to_start_timeout=time_left,
        start_to_close_timeout=LONGEST_LEG,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=5)
        ),
    )


#: Only looks into the ledger.
TAKE_UP = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=15),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10)),
)

#: The create request of a transfer's target. Whoever waits is told soon that it will not come. It
#: goes before the dials that lie in the queue: somebody is on the line already.
DIAL_TARGET = ActivityConfig(
    task_queue=DIAL_QUEUE,
    priority=Priority(priority_key=1),
    schedule_to_start_timeout=timedelta(seconds=20),
    start_to_close_timeout=timedelta(seconds=75),
    heartbeat_timeout=timedelta(seconds=6),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=2), maximum_attempts=5),
)

#: The same person's wait, and what is left to be ended after it.
ATTEND_TRANSFER = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=30),
    heartbeat_timeout=timedelta(seconds=6),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=2)
    ),
)

#: Reading the carrier's list over the quiet period.
FIND = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=15),
    heartbeat_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10)),
)

#: Commands and questions about a live leg; all are safe to repeat.
LEG = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=45),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10), maximum_attempts=8),
)

#: The activity itself sees to it that a message that may be playing is not started over.
MESSAGE = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=45),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=5), maximum_attempts=8),
)

#: Telling many calls something, page by page; to tell one twice is harmless.
PAGES = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=30),
    heartbeat_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10)),
)
