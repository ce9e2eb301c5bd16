"""Whether the carrier reaches the public address, from where it stands.

This machine cannot see that: it may stand behind the same firewall. But Twilio keeps a log of the
requests to us that failed, which it can be asked for.
"""

import asyncio
import socket
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx2

from cli.doctor.carrier import TWILIO
from cli.doctor.diagnosis import Finding, bad, skipped, warn, well
from settings import Settings
from webhooks.public_addresses import is_public

NAME = "from outside"
#: https://www.twilio.com/docs/usage/monitor-alert
ALERTS = "https://monitor.twilio.com/v1/Alerts"
_BACK = timedelta(days=1)
_MOST = 1000
_TIMEOUT = 15.0
_NOT_LOOKED = "Not checked: this machine does not see what the carrier sees"


async def examine(settings: Settings) -> Finding:
    """By the address itself, then by what Twilio says of the last day."""
    sid, token = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    if settings.twilio_api_url:
        return skipped(NAME, f"{_NOT_LOOKED}, and a simulated one keeps no log.")
    url = settings.public_url.rstrip("/")
    inner = await _inner_address(urlsplit(url).hostname or "")
    if inner is not None:
        remedy = "Set TRUNKLINE_PUBLIC_URL to an address of the Internet: a domain, or a tunnel."
        return bad(NAME, f"{url} leads to {inner}, where the carrier cannot come.", remedy)
    if not sid or not token:
        return skipped(NAME, f"{_NOT_LOOKED}, and without credentials it says nothing.")
    async with httpx2.AsyncClient(auth=(sid, token), timeout=_TIMEOUT) as http:
        try:
            return await _by_log(http, url, sid)
        except (httpx2.HTTPError, ValueError):
            return skipped(NAME, f"{_NOT_LOOKED}, and Twilio does not give its log.")


async def _inner_address(host: str) -> str | None:
    """An address of the name that is none of the Internet; None where there is none or no name."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return None
    addresses = [str(one[4][0]) for one in found]
    return next((one for one in addresses if not is_public(one)), None)


async def _by_log(http: httpx2.AsyncClient, url: str, sid: str) -> Finding:
    since = datetime.now(UTC) - _BACK
    asked = {
        "LogLevel": "error",
        "StartDate": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        "PageSize": f"{_MOST}",
    }
    answer = await http.get(ALERTS, params=asked)
    answer.raise_for_status()
    failed = Counter(
        str(one.get("error_code"))
        for one in answer.json().get("alerts", ())
        if str(one.get("request_url", "")).startswith(f"{url}/")
    )
    if failed:
        codes = ", ".join(f"{code} ({times} times)" for code, times in failed.most_common(3))
        remedy = "Look them up at https://www.twilio.com/docs/api/errors, and at the proxy's log."
        return warn(NAME, f"Requests of Twilio failed within the last day: {codes}.", remedy)
    if await _has_called(http, sid, since):
        return well(NAME, "Twilio has called within the last day, and its log has no failure here.")
    return skipped(NAME, f"{_NOT_LOOKED}, and Twilio has made no call within the last day.")


async def _has_called(http: httpx2.AsyncClient, sid: str, since: datetime) -> bool:
    """Whether Twilio had a reason to reach us."""
    path = f"{TWILIO}/2010-04-01/Accounts/{sid}/Calls.json"
    asked = {"StartTime>": f"{since:%Y-%m-%d}", "Status": "completed", "PageSize": "1"}
    answer = await http.get(path, params=asked)
    answer.raise_for_status()
    return bool(answer.json().get("calls"))
