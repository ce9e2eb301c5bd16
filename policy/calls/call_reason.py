"""What phones may show as the reason for a call: a fixed text, never a word about the callee.

Twilio's Branded Calling takes 64 characters of plain text without links or personal data, and
shows them on phones that can: https://www.twilio.com/docs/voice/branded-calling/us-enhanced.
"""

import re

MOST_CHARACTERS = 64
_PRINTABLE = re.compile(r"[ -~]+", re.ASCII)
_LINK = re.compile(r"https?:|www\.|://|\b[a-z0-9-]+\.(com|org|net|info|io|de|uk)\b", re.IGNORECASE)
#: As many digits in a row, however they are parted, may be a telephone number.
_NUMBER = re.compile(r"(?:\d[ ().+-]*){7}")


def objection(reason: str) -> str | None:
    """Why a text cannot be the reason that phones show; None: it can."""
    if not reason.strip():
        return "Say in a few words why people are called."
    if len(reason) > MOST_CHARACTERS:
        return f"The carrier takes {MOST_CHARACTERS} characters at most."
    if not _PRINTABLE.fullmatch(reason):
        return "The carrier takes plain letters, digits and signs (ASCII) only."
    if "{" in reason or "}" in reason:
        return "It is the same for everybody: nothing of a call's context is shown on a phone."
    if _LINK.search(reason):
        return "The carrier takes no links."
    if _NUMBER.search(reason):
        return "It may hold no telephone number and nothing else that is personal."
    return None
