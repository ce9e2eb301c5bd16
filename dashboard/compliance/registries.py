"""Registries: which ones rules ask for, and which the account has, how old."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.compliance.schemas import RegistryView, registry_view
from api.http.deps import Services
from api.http.problems import invalid
from policy.rules.model import RegistryRule
from storage.compliance import suppressions
from storage.tables import Account

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class KnownRegistry:
    """`rules` ask for it, and it may be as old as `max_age`; `view` None: it was never imported."""

    name: str
    rules: Sequence[RegistryRule]
    view: RegistryView | None

    @property
    def max_age(self) -> timedelta | None:
        """The shortest that a rule allows."""
        return min((rule.max_age for rule in self.rules), default=None)

    @property
    def stale_at(self) -> datetime | None:
        """From when on the calls are refused that a rule is about."""
        if self.view is None or self.max_age is None:
            return None
        return self.view.scrubbed_time + self.max_age


def name_of(text: str) -> str:
    """Raises a 422 Problem for what is no name of a registry."""
    if not _NAME.fullmatch(text):
        message = "A name such as us.national_dnc: small letters, digits, dots, dashes."
        raise invalid("malformed", "registry", message)
    return text


async def known(uses: Services, account: Account) -> list[KnownRegistry]:
    """Those the account has, and those that rules ask for."""
    async with uses.db.read() as session:
        rows = await suppressions.registries(session, account.account_id)
        book = await uses.gatherer.book_of(session, account)
    views = {row.registry_name: registry_view(row) for row in rows}
    asking = [rule for rule in book.rules if isinstance(rule, RegistryRule)]
    names = sorted({*views, *(rule.registry for rule in asking)})
    return [
        KnownRegistry(name, [one for one in asking if one.registry == name], views.get(name))
        for name in names
    ]


async def asked_for(uses: Services, account: Account) -> list[str]:
    """Their names."""
    return [one.name for one in await known(uses, account)]
