"""Whose token signed a request of the carrier's, and what that one may speak of."""

import re
from collections.abc import Sequence

from api.http.deps import Services
from api.http.problems import Problem
from telephony.events import Signers
from telephony.twilio.callbacks import valid_signature

_SID = re.compile(r"AC[0-9a-f]{32}")
Pairs = Sequence[tuple[str, str]]


async def signers_of(uses: Services, address: str, pairs: Pairs, signature: str) -> Signers:
    """Raises a 403 for what nobody signed.

    The form's AccountSid, which nobody vouches for yet, only says which secrets are tried, a few.
    """
    if any(valid_signature(token, address, pairs, signature) for token in _own(uses)):
        return None
    for sid in {value for name, value in pairs if name == "AccountSid" and _SID.fullmatch(value)}:
        found = await _signers_with(uses, sid, address, pairs, signature)
        if found:
            return found
        # Only one is looked for, however often a form names some.
        break
    raise Problem(403, "bad_signature", "The signature does not match.")


def _own(uses: Services) -> list[str]:
    """The installation's tokens that are good now."""
    settings = uses.settings
    tokens = [settings.twilio_auth_token.get_secret_value()]
    ends = settings.former_token_ends
    if ends is not None and uses.now() < ends:
        tokens.append(settings.twilio_former_auth_token.get_secret_value())
    return [token for token in tokens if token]


async def _signers_with(
    uses: Services, sid: str, address: str, pairs: Pairs, signature: str
) -> dict[str, str]:
    """The accounts at the carrier with this SID whose token signed: several may share one."""
    now = uses.now()
    for again in (False, True):
        found = {
            one.carrier_account_id: one.account_id
            for one in await uses.credentials.with_sid(sid, again=again)
            if any(valid_signature(text, address, pairs, signature) for text in one.tokens_at(now))
        }
        if found:
            return found
    return {}
