"""What the simulator's accounts are besides calls: their tokens and the numbers they may show."""

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

#: Where a registration stands, in the carrier's words.
Registration = Literal["draft", "pending-review", "in-review", "twilio-approved", "twilio-rejected"]


class SimulatedNumber(BaseModel):
    """A number of an account: bought, or somebody else's that was confirmed."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    number: str
    kind: Literal["owned", "verified"] = "owned"
    name: str = ""
    voice: bool = True
    shaken_stir: Registration | None = Field(default=None, alias="shakenStir")
    caller_name: Registration | None = Field(default=None, alias="callerName")

    def sid_of(self, account_sid: str) -> str:
        """The same each time, so that a list can be read again."""
        digest = hashlib.sha256(f"{account_sid} {self.number}".encode()).hexdigest()[:32]
        return ("PN" if self.kind == "owned" else "CA") + digest


#: What the simulator's own account has until somebody says otherwise: those of `examples/`.
DEFAULT_NUMBERS = ("+12025550100", "+13125550101", "+14155550102")


class SimulatedAccount(BaseModel):
    """`tokens`: any of them opens it; of the simulator's own account the configured one, too."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens: list[str] = []
    status: Literal["active", "suspended", "closed"] = "active"
    kind: Literal["Full", "Trial"] = "Full"
    numbers: list[SimulatedNumber] = []
