"""Values from outside, read once into what the rest works with: endpoints, zones, instants.

Each raises a Problem that names the field at fault.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from api.http.problems import Problem, invalid, refused
from policy.location.endpoints import Endpoint, is_country, parse_endpoint
from policy.model.call import Refusal
from policy.time.wall_time import UnknownZone, WallTimeGap, is_zone, resolve_local
from webhooks.public_addresses import is_public

#: Beyond this a date is a slip of the pen, and calendars are not known.
FARTHEST = timedelta(days=2 * 366)

#: Which of two instants a wall time means that the clocks show twice.
Fold = Literal["earlier", "later"]


def read_endpoint(
    text: str, field: str, country: str | None = None, *, with_extension: bool = False
) -> Endpoint:
    """The endpoint in its normal form. `country`: where a number without + is written."""
    found = parse_endpoint(text, country, with_extension=with_extension)
    if isinstance(found, Refusal):
        raise refused([replace(found, field=field)])
    return found


def stated_country(said: str | None) -> str | None:
    """The country in which numbers without + are written, in capital letters."""
    if said is not None and not is_country(said.upper()):
        message = "This is not the ISO 3166 code of a country, like US."
        raise invalid("unknown_country", "defaultCountry", message)
    return said and said.upper()


def request_zone(said: str | None, default: str) -> str:
    """The zone of a request's wall times."""
    if said is not None and not is_zone(said):
        raise unknown_zone("timezone")
    return said or default


def unknown_zone(field: str) -> Problem:
    message = "This is not a name in the tz database, like America/New_York."
    return invalid("unknown_timezone", field, message)


def instant(
    said: datetime | None, zone: str, fold: Fold, field: str, now: datetime
) -> datetime | None:
    """What was said as an instant; without an offset it is a wall time in `zone`."""
    if said is None:
        return None
    if not 1970 < said.year <= now.year + 3:
        raise _out_of_range(field)
    found = said if said.utcoffset() is not None else _from_wall(said, zone, fold, field)
    if found > now + FARTHEST:
        raise _out_of_range(field)
    return found.astimezone(UTC)


def _out_of_range(field: str) -> Problem:
    return invalid("out_of_range", field, "The time must be within the next two years.")


def _from_wall(said: datetime, zone: str, fold: Fold, field: str) -> datetime:
    try:
        return resolve_local(said.replace(tzinfo=None), zone, fold=fold)
    except WallTimeGap as exc:
        raise invalid("wall_time_gap", field, f"{exc}.") from None
    except UnknownZone:
        raise unknown_zone("timezone") from None


def require_url(url: str, field: str, *, private: bool) -> None:
    """Refuses what is no address of a public server; `private`: others will do, too."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise invalid("bad_url", field, "This is no web address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise invalid("bad_url", field, "Must be an address like https://example.com/path.")
    if parts.username is not None or parts.fragment:
        raise invalid("bad_url", field, "Must hold neither a user name nor a fragment.")
    if private:
        return
    if parts.scheme != "https":
        raise invalid("https_required", field, "Must begin with https://.")
    if _is_private(host):
        raise invalid("private_address", field, "Must be reachable from the public Internet.")


def _is_private(host: str) -> bool:
    """Of a literal address; what a name leads to is checked when it is connected to."""
    try:
        return not is_public(str(ip_address(host)))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
