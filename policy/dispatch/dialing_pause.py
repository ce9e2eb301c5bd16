"""While the carrier takes nothing of an account: how often one call tries whether it does again."""

from datetime import timedelta

FIRST_PROBE = timedelta(seconds=30)
LONGEST = timedelta(minutes=10)


def probe_delay(vain: int) -> timedelta:
    """Until the next probe after so many in vain: 30 s, doubled each time, up to 10 min."""
    return min(FIRST_PROBE * (1 << min(vain, 10)), LONGEST)


def told(cause: str) -> str:
    """What a call waits for, in a sentence."""
    return (
        "The carrier refuses this account's requests: "
        f"{cause}; dialing is paused and is tried again by itself"
    )
