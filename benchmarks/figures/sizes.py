"""How much is measured: `full` is the real size, `small` shows that it works."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Size:
    rounds: int
    #: Calls of a round, by the way they come.
    api_calls: int
    campaign_calls: int
    bulk_calls: int
    in_flight: int
    #: Arrivals of a latency round; so many a second, where no capacity is measured.
    arrivals: int
    arrivals_per_second: float
    #: How long twice as many calls come as can be made.
    overload_seconds: float
    #: Contacts of the big campaign, and rows that are only staged.
    contacts: int
    staged: int
    #: Contacts of the campaign that is paused and whose processes are killed.
    paused: int
    #: Calls that are counted, and their numbers asked for, in `analytics`.
    counted: int
    #: Rows of the databases in `rows`, contacts of those in `campaigns`; rounds of `bulk`.
    rows: tuple[int, ...]
    grown: tuple[int, ...]
    bulk_rounds: int
    #: Which share of a hundred thousand calls, and of all else, the database in `pages` has.
    paged: float


SMALL = Size(
    rounds=1,
    api_calls=30,
    campaign_calls=40,
    bulk_calls=30,
    in_flight=50,
    arrivals=30,
    arrivals_per_second=10,
    overload_seconds=5,
    contacts=100,
    staged=2_000,
    paused=40,
    counted=2_000,
    rows=(1_000, 5_000),
    grown=(1_000,),
    bulk_rounds=1,
    paged=0.01,
)
FULL = Size(
    rounds=3,
    api_calls=400,
    campaign_calls=1_000,
    bulk_calls=400,
    in_flight=50,
    arrivals=400,
    arrivals_per_second=20,
    overload_seconds=60,
    contacts=10_000,
    staged=100_000,
    paused=400,
    counted=1_000_000,
    rows=(1_000, 10_000, 100_000, 1_000_000),
    grown=(1_000, 10_000, 100_000),
    bulk_rounds=3,
    paged=1,
)
#: A quarter of an hour: enough to see what a change does.
MEDIUM = replace(
    FULL,
    rounds=1,
    api_calls=200,
    campaign_calls=300,
    bulk_calls=200,
    arrivals=200,
    overload_seconds=30,
    contacts=1_000,
    paused=200,
    counted=20_000,
    rows=(1_000, 10_000, 100_000),
    grown=(1_000, 10_000),
)
SIZES = {"small": SMALL, "medium": MEDIUM, "full": FULL}
