"""What the run of every call shares."""

from dataclasses import dataclass

from simulator.callbacks.callbacks import Callbacks
from simulator.callbacks.fields import API_VERSION
from simulator.callbacks.webhooks import Webhooks
from simulator.config import SimulatorConfig
from simulator.state.clock import Clock, DialQueue
from simulator.state.state import State


@dataclass(frozen=True)
class Services:
    """The parts of one simulator, made once."""

    config: SimulatorConfig
    clock: Clock
    state: State
    webhooks: Webhooks
    callbacks: Callbacks
    queue: DialQueue

    @property
    def account_url(self) -> str:
        """The account's URL, without a trailing slash."""
        return f"{self.config.base_url}/{API_VERSION}/Accounts/{self.config.account_sid}"
