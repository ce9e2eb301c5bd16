"""Numbers of an account in memory: what a test says they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from telephony.errors import CarrierError
from telephony.port import CarrierNumber


@dataclass
class MemoryNumbers:
    """`telephony.port.CarrierNumbers`; `failure`: what every question meets."""

    listed: list[CarrierNumber] = field(default_factory=list)
    failure: CarrierError | None = None

    async def check(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def numbers(self) -> Sequence[CarrierNumber]:
        await self.check()
        return list(self.listed)

    async def close(self) -> None:
        return None
