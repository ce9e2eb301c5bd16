"""What is said and answered of `follow_ups`.

Written by tools/client from the OpenAPI document.
"""

from datetime import timedelta
from typing import Any

from pydantic import Field

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import Outcome, StatedConsent, Voicemail, Window


class IntervalView(Answer):
    """95 % of such intervals hold the true value."""

    low: float
    high: float


class VariantRequest(Said):
    """One way of calling. What it does not say is the campaign's."""

    name: str
    weight: int = 1
    pathway_id: str | None = None
    caller_id: str | None = None
    window: Window | None = None
    voicemail: Voicemail | None = None


class SplitRequest(Said):
    """Ways that are tried beside each other; the first is what the others are compared
    with.
    """

    variants: list[VariantRequest]
    success: list[Outcome] = Field(default_factory=list)
    transferred_to: list[str] = Field(default_factory=list)
    learns: bool = False


class VariantView(Answer):
    """`ended` calls were made and are over; `successes` of them went as wished."""

    name: str
    weight: int
    pathway_id: str | None
    caller_id: str | None
    window: dict[str, Any] | None
    voicemail: dict[str, Any] | None
    share: float
    calls: int
    ended: int
    successes: int
    rate: float | None
    interval: IntervalView
    difference: IntervalView | None
    chance_to_be_best: float


class SplitView(Answer):
    """The variants in the order in which they were said."""

    success: list[Outcome | str]
    transferred_to: list[str]
    learns: bool
    leader: str | None
    variants: list[VariantView]


class StepCount(Answer):
    """`step` is "" for the campaign's own call."""

    step: str
    state: str
    contacts: int


class StepRequest(Said):
    """`kind` says what it does; which fields it takes is said with each."""

    kind: str
    next: dict[str, str] = Field(default_factory=dict)
    agent_id: str | None = None
    pathway_id: str | None = None
    text: str | None = None
    consent: StatedConsent | None = None
    wait: timedelta | str | None = None


class StepsRequest(Said):
    """What follows the campaign's calls, and what follows that."""

    next: dict[str, str]
    steps: dict[str, StepRequest]


class TextCount(Answer):
    step: str
    state: str
    texts: int


class StepsView(Answer):
    """As it was said, and where everybody is."""

    next: dict[str, Any]
    steps: dict[str, Any]
    contacts: list[StepCount]
    texts: list[TextCount]
