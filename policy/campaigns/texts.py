"""Whether a text may be sent now: as a call might be made, and with an agreement of its own."""

import re
from dataclasses import replace
from datetime import datetime

from policy.campaigns.preflight import Verdict, VerdictKind, verdict
from policy.facts import Facts
from policy.model.call import EndpointKind
from policy.model.person import Consent
from policy.model.reasons import Reason

#: Said at the end of a text that does not say it itself.
OPT_OUT = "Reply STOP to opt out."
#: The carrier takes no longer ones.
LONGEST = 1600
#: Twilio's code for a recipient who has opted out at the carrier, before or after it was taken.
OPTED_OUT = 21610
#: The alphabet of GSM 03.38, in which a text has 160 characters to a segment, and what counts twice
#: in it. Anything else sends the whole text in UCS-2: https://www.twilio.com/docs/glossary.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("\f^{}\\[~]|€")
#: The word alone says nothing: buses have stops, and so have names.
_SAYS_HOW = re.compile(r"\b(?:reply|text|send|answer)(?:\s+with)?\W{1,3}STOP\b", re.IGNORECASE)


def may_send(facts: Facts, consent: Consent | None, now: datetime) -> Verdict:
    """`facts` of the call that the text follows. `consent`: what the step states of texts.

    Hours, blackouts, do-not-call entries, registries and caps hold for it as for a call. An
    agreement to be called is none to be sent texts: without one of its own it is refused. Of a
    person with several numbers only the one that the facts are about counts: it goes there.
    """
    if facts.endpoint_kind is not EndpointKind.PHONE:
        return Verdict(VerdictKind.REFUSED, "not_a_phone", "Texts go to phone numbers only")
    if consent is None:
        detail = "No agreement to be sent texts is stated"
        return Verdict(VerdictKind.REFUSED, Reason.NO_CONSENT, detail)
    asked = replace(
        facts,
        numbers=(),
        stated_consent=consent,
        attempts=(),
        reported_outcome=None,
        cancel_requested=False,
        returned=None,
        not_before=None,
        promise=None,
        best_times=None,
        deadline=None,
        recorded=False,
    )
    return verdict(asked, now)


def with_opt_out(text: str) -> str:
    """The text, and how to opt out if it does not say so; no longer than the carrier takes."""
    if len(text) <= LONGEST and _SAYS_HOW.search(text):
        return text
    return f"{text[: LONGEST - len(OPT_OUT) - 1].rstrip()} {OPT_OUT}"


def segments(body: str) -> int:
    """Of how many parts the carrier makes a text, each of which it charges for."""
    if all(one in _GSM or one in _GSM_TWICE for one in body):
        length, alone, joined = len(body) + sum(one in _GSM_TWICE for one in body), 160, 153
    else:
        length, alone, joined = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= alone else -(-length // joined)
