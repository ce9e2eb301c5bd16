"""Whether the public address leads to this API, and whether signatures fit it."""

import httpx2
from twilio.request_validator import RequestValidator

from cli.doctor import clock
from cli.doctor.diagnosis import Finding, bad, skipped, warn, well
from settings import Settings

REACHED, SIGNED, CLOCK = "public address", "signatures", "clock"
#: Nobody has it: a callback with it is about nothing.
_TOKEN = "doctor"
_TIMEOUT = 15.0
_REFUSED = 403


async def examine(settings: Settings) -> list[Finding]:
    """From this machine, which may see more than the carrier does."""
    url = settings.public_url.rstrip("/")
    async with httpx2.AsyncClient(timeout=_TIMEOUT) as http:
        try:
            answer = await http.get(f"{url}/twilio/healthz")
        except httpx2.HTTPError as error:
            remedy = "Start the API, or correct TRUNKLINE_PUBLIC_URL, DNS, TLS or the proxy."
            away = bad(REACHED, f"{url} does not answer ({type(error).__name__}).", remedy)
            hangs = "It hangs on the public address."
            return [away, skipped(SIGNED, hangs), skipped(CLOCK, hangs)]
        reached = _reached(url, answer, settings)
        clocks = clock.against(CLOCK, "the API", answer)
        return [reached, await _signed(http, url, settings), clocks]


def _reached(url: str, answer: httpx2.Response, settings: Settings) -> Finding:
    if answer.status_code != 200 or "status" not in answer.text:
        remedy = "Let the proxy pass all of /twilio/ on, without a redirect."
        return bad(REACHED, f"{url}/twilio/healthz answers {answer.status_code}.", remedy)
    if not settings.twilio_api_url and not url.startswith("https://"):
        remedy = "Put TLS before it: signatures alone do not hide what is said."
        return warn(REACHED, f"{url} is not https.", remedy)
    return well(REACHED, f"{url} leads to an API of Trunkline, seen from this machine.")


async def _signed(http: httpx2.AsyncClient, url: str, settings: Settings) -> Finding:
    token = settings.twilio_auth_token.get_secret_value()
    if not token:
        return skipped(SIGNED, "There is no auth token to sign with.")
    address, form = f"{url}/twilio/status/{_TOKEN}", {"CallSid": "CA" + "0" * 32}
    signature = RequestValidator(token).compute_signature(address, form)  # type: ignore[no-untyped-call]
    ours = await http.post(address, data=form, headers={"X-Twilio-Signature": signature})
    others = await http.post(address, data=form, headers={"X-Twilio-Signature": "no"})
    if ours.status_code == _REFUSED:
        remedy = "Give the API the same TRUNKLINE_PUBLIC_URL and auth token as here."
        return bad(SIGNED, "What the carrier signs would be refused.", remedy)
    if others.status_code != _REFUSED:
        remedy = "Let the proxy pass requests on as they are; something else answers here."
        return bad(SIGNED, "What is signed wrongly is not refused.", remedy)
    return well(SIGNED, "What the carrier signs is taken, all else refused.")
