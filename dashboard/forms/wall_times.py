"""Times that somebody types: wall times by the clock of the page."""

from datetime import datetime

from api.http.problems import invalid
from policy.time.wall_time import WallTimeGap, resolve_local

_EARLIEST, _LATEST = 1970, 2200


def typed_instant(text: str, zone_name: str, field: str) -> datetime | None:
    """The instant that a field of a form means, the earlier of two; None for an empty one.

    Raises a 422 Problem about `field` for what is no day and time, or one that the clocks skip.
    """
    if not text:
        return None
    try:
        said = datetime.fromisoformat(text)
        if said.tzinfo is not None or not _EARLIEST < said.year < _LATEST:
            raise ValueError
        return resolve_local(said, zone_name, fold="earlier")
    except WallTimeGap:
        raise invalid("wall_time_gap", field, "The clocks skip this time.") from None
    except ValueError:
        raise invalid("malformed", field, "Must be a day and a time.") from None
