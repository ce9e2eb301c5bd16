"""What is said and answered of `caller_ids`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Literal

from trunkline_client.models.base import Answer, Said

CallerIdCheck = Literal["off", "imported", "required"]

Mark = Literal["barred", "rested", "probation"]

Standing = Literal[
    "owned", "verified", "lost", "unlisted", "no_voice", "not_imported", "not_a_number"
]


class ListedNumberView(Answer):
    """A number as the carrier lists it; `lostTime`: since when it does not any more."""

    number: str
    kind: str
    name: str
    voice: bool | None
    shaken_stir: str | None
    caller_name: str | None
    first_time: datetime
    lost_time: datetime | None


class CallerIdStandingView(Answer):
    """A caller ID of the account. `marks`: by agent, why it is not shown, or only to some."""

    number: str
    carrier_account_id: str | None
    standing: Standing | str
    agent_ids: list[str]
    marks: dict[str, Mark | str]
    listed: ListedNumberView | None


class NumberListView(Answer):
    """A list as it was imported last. `carrierAccountId` null: the installation's own
    account.
    """

    carrier_account_id: str | None
    imported_time: datetime | None
    attempted_time: datetime | None
    error: str | None
    numbers: int


class CallerIdStandings(Answer):
    """`check`: how strictly new ones are held to the lists; `total` counts all of the
    account.
    """

    caller_ids: list[CallerIdStandingView]
    total: int
    check: CallerIdCheck | str
    lists: list[NumberListView]


class ImportRequest(Said):
    """Of which account at the carrier; null: the installation's own."""

    carrier_account_id: str | None = None


class ImportView(Answer):
    """What was found: how many numbers there are, and how many came and went."""

    of: NumberListView
    added: int
    lost: int


class ListedNumbers(Answer):
    """What may be shown by one account at the carrier; `total` counts all of them."""

    of: NumberListView
    numbers: list[ListedNumberView]
    total: int
