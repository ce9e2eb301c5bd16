"""What a simulator is started with."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_ACCOUNT_SID = "AC" + "0" * 31 + "1"
DEFAULT_AUTH_TOKEN = "simulator"


@dataclass(frozen=True)
class SimulatorConfig:
    """One simulated Twilio account and how time passes for it.

    speed: simulated seconds per real second.
    cps: calls dialed per simulated second (Twilio's own default is 1); the rest queue.
    state: the journal file; None keeps everything in memory.
    base_url: the root of the URLs handed out for recordings, without a trailing slash.
    hang_seconds: real seconds a `hang` fault holds its connection.
    """

    account_sid: str = DEFAULT_ACCOUNT_SID
    auth_token: str = DEFAULT_AUTH_TOKEN
    speed: float = 1.0
    cps: float = 1000.0
    state: Path | None = None
    base_url: str = "https://api.twilio.com"
    hang_seconds: float = 60.0
