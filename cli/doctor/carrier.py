"""Whether Twilio takes the credentials, and whether each caller ID is the account's to show."""

from collections.abc import Sequence

import httpx2

from cli.doctor import clock
from cli.doctor.diagnosis import Finding, bad, skipped, warn, well
from settings import Settings

TWILIO = "https://api.twilio.com"
ACCOUNT, NUMBERS, CLOCK = "carrier", "caller IDs", "clock, carrier's"
_TIMEOUT = 15.0
_OWNED, _VERIFIED = "IncomingPhoneNumbers", "OutgoingCallerIds"


async def examine(settings: Settings, caller_ids: Sequence[str] | None) -> list[Finding]:
    """`caller_ids` is None where the database does not say."""
    sid, token = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    if not sid or not token:
        remedy = "Set TRUNKLINE_TWILIO_ACCOUNT_SID and TRUNKLINE_TWILIO_AUTH_TOKEN."
        return [bad(ACCOUNT, "There are no credentials.", remedy), skipped(NUMBERS, "As above.")]
    base = settings.twilio_api_url or TWILIO
    async with httpx2.AsyncClient(
        base_url=f"{base}/2010-04-01/Accounts", auth=(sid, token), timeout=_TIMEOUT
    ) as http:
        try:
            if settings.twilio_api_url:
                return await _simulated(http, base, sid)
            answer = await http.get(f"/{sid}.json")
            account = _account(answer)
            numbers = skipped(NUMBERS, "They hang on the account.")
            if answer.status_code == 200:
                numbers = await _numbers(http, sid, caller_ids)
            return [account, numbers, clock.against(CLOCK, "Twilio", answer)]
        except httpx2.HTTPError:
            remedy = "Let this machine reach it by HTTPS."
            return [bad(ACCOUNT, f"{base} does not answer.", remedy), skipped(NUMBERS, "As above.")]


async def _simulated(http: httpx2.AsyncClient, base: str, sid: str) -> list[Finding]:
    answer = await http.get(f"/{sid}/Calls.json", params={"PageSize": "1"})
    if answer.status_code == 200:
        found = well(ACCOUNT, f"The carrier at {base} takes the credentials; it is not Twilio.")
    else:
        remedy = "Correct TRUNKLINE_TWILIO_*, or empty TRUNKLINE_TWILIO_API_URL for Twilio."
        found = bad(ACCOUNT, f"{base} answers {answer.status_code}.", remedy)
    return [found, skipped(NUMBERS, "A simulated carrier shows any number.")]


def _account(answer: httpx2.Response) -> Finding:
    if answer.status_code in (401, 403, 404):
        remedy = "Correct TRUNKLINE_TWILIO_ACCOUNT_SID and TRUNKLINE_TWILIO_AUTH_TOKEN."
        return bad(ACCOUNT, f"Twilio does not take them ({answer.status_code}).", remedy)
    if answer.status_code != 200:
        return warn(ACCOUNT, f"Twilio answers {answer.status_code}.", "Look at its status page.")
    status, kind = answer.json().get("status"), answer.json().get("type")
    if status != "active":
        return bad(ACCOUNT, f"The account is {status}.", "Look into Twilio's console.")
    if kind == "Trial":
        remedy = "Upgrade it: a trial calls verified numbers only."
        return warn(ACCOUNT, "The account is a trial.", remedy)
    return well(ACCOUNT, "Twilio takes the credentials; the account is active.")


async def _numbers(http: httpx2.AsyncClient, sid: str, caller_ids: Sequence[str] | None) -> Finding:
    if caller_ids is None:
        return skipped(NUMBERS, "The database does not say which there are.")
    phones = [one for one in caller_ids if one.startswith("+")]
    if not phones:
        return warn(NUMBERS, "No agent has one.", "Give an agent its --caller-id.")
    foreign = [one for one in phones if not await _may_show(http, sid, one)]
    if foreign:
        remedy = "Buy or verify them at Twilio, or take them from the agents."
        return bad(NUMBERS, f"Neither owned nor verified: {', '.join(foreign)}.", remedy)
    return well(NUMBERS, f"All {len(phones)} are owned or verified.")


async def _may_show(http: httpx2.AsyncClient, sid: str, number: str) -> bool:
    for what, key in ((_OWNED, "incoming_phone_numbers"), (_VERIFIED, "outgoing_caller_ids")):
        answer = await http.get(f"/{sid}/{what}.json", params={"PhoneNumber": number})
        answer.raise_for_status()
        if any(one.get("phone_number") == number for one in answer.json().get(key, ())):
            return True
    return False
