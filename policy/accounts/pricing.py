"""What a dial costs: reckoned from the account's rates until the carrier says its own price.

All amounts are whole micro-units of the account's currency: 14,000 is $0.014.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from policy.model.call import Refusal
from policy.model.number_checks import NumberCheck
from policy.model.reasons import RefusalCode

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class PriceRates:
    """Twilio's list prices for the United States, unless an account says otherwise."""

    currency: str = "USD"
    #: A minute of a connected call, begun or whole.
    per_minute: int = 14_000
    #: An answered call with machine detection.
    machine_detection: int = 7_500
    recording_per_minute: int = 2_500
    #: One question about a number, by what is asked.
    line_type_lookup: int = 8_000
    reassigned_lookup: int = 20_000
    #: One segment of a text that is sent.
    text_segment: int = 8_300

    def of_check(self, check: NumberCheck) -> int:
        """What one request about a number costs."""
        is_line = check is NumberCheck.LINE_TYPE
        return self.line_type_lookup if is_line else self.reassigned_lookup


def rates_of(spec: Mapping[str, object]) -> PriceRates:
    """The rates of an account; what it does not say is the default."""
    default = PriceRates()
    return PriceRates(
        currency=str(spec.get("currency", default.currency)),
        per_minute=_amount(spec, "perMinute", default.per_minute),
        machine_detection=_amount(spec, "machineDetection", default.machine_detection),
        recording_per_minute=_amount(spec, "recordingPerMinute", default.recording_per_minute),
        line_type_lookup=_amount(spec, "lineTypeLookup", default.line_type_lookup),
        reassigned_lookup=_amount(spec, "reassignedLookup", default.reassigned_lookup),
        text_segment=_amount(spec, "textSegment", default.text_segment),
    )


def _amount(spec: Mapping[str, object], name: str, default: int) -> int:
    said = spec.get(name)
    return said if isinstance(said, int) else default


def connection(rates: PriceRates, seconds: float) -> int:
    """What the carrier takes for the line. Busy, no answer and failed cost nothing."""
    return minutes_begun(seconds) * rates.per_minute


def extras(rates: PriceRates, seconds: float, *, detects_machines: bool, recorded: bool) -> int:
    """What the carrier takes besides, and does not include in a call's price."""
    if seconds <= 0:
        return 0
    recording = minutes_begun(seconds) * rates.recording_per_minute if recorded else 0
    return recording + (rates.machine_detection if detects_machines else 0)


def minutes_begun(seconds: float) -> int:
    return max(0, -int(-seconds // 60))


def carrier_price(price: str | None, unit: str | None, rates: PriceRates) -> int | None:
    """A carrier's price such as "-0.01400"; None if it is not known yet or not comparable."""
    if not price or (unit or "").upper() != rates.currency.upper():
        return None
    try:
        amount = abs(Decimal(price))
    except InvalidOperation:
        return None
    return int(amount * MICRO) if amount.is_finite() else None


def dials_left(limit: int | None, spent: int, live: int, rates: PriceRates) -> int | None:
    """How many more dials may begin; None: no limit.

    Dials under way are reckoned at one minute, so that a limit is not overrun by what is in flight
    when it is reached; what is not answered frees its share again.
    """
    if limit is None:
        return None
    left = limit - spent
    return max(0, -(-left // max(rates.per_minute, 1)) - live) if left > 0 else 0


def refusal(limit: int | None, spent: int) -> Refusal | None:
    """Why a new call is not accepted."""
    if limit is None or spent < limit:
        return None
    message = "The account's spend limit is reached."
    return Refusal(RefusalCode.INSUFFICIENT_BALANCE, "", message)
