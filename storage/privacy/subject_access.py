"""All that is on file about one person, for the person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import forms_of
from storage import contact_numbers
from storage.call_numbers import reaching
from storage.number_hash import Hasher
from storage.privacy import erasure
from storage.tables import (
    Attempt,
    Call,
    Campaign,
    Consent,
    Contact,
    Inbound,
    RegistryEntry,
    Suppression,
)


@dataclass(frozen=True, slots=True)
class SubjectRecords:
    calls: Sequence[Call]
    attempts: Sequence[Attempt]
    contacts: Sequence[Contact]
    consents: Sequence[Consent]
    suppressions: Sequence[Suppression]
    inbound: Sequence[Inbound]
    registries: Sequence[str]
    erased: Sequence[datetime]


async def on_file(
    session: AsyncSession, account_id: str, endpoint: str, hasher: Hasher
) -> SubjectRecords:
    """Every row of the account that names the endpoint, or another form of the same number."""
    forms = forms_of(endpoint)
    campaigns = select(Campaign.campaign_id).where(col(Campaign.account_id) == account_id)
    calls = select(Call).where(col(Call.call_id).in_(reaching(account_id, [endpoint])))
    attempts = select(Attempt).where(
        col(Attempt.account_id) == account_id, col(Attempt.to_endpoint).in_(forms)
    )
    contacts = select(Contact).where(
        col(Contact.contact_id).in_(contact_numbers.reaching_in(campaigns, [endpoint]))
    )
    consents = select(Consent).where(
        col(Consent.account_id) == account_id, col(Consent.endpoint).in_(forms)
    )
    suppressions = select(Suppression).where(
        col(Suppression.account_id) == account_id, col(Suppression.endpoint).in_(forms)
    )
    inbound = select(Inbound).where(
        col(Inbound.account_id) == account_id, col(Inbound.from_endpoint).in_(forms)
    )
    listed = select(RegistryEntry.registry_name).where(
        col(RegistryEntry.account_id) == account_id, col(RegistryEntry.endpoint).in_(forms)
    )
    hashes = [hashed for form in forms if (hashed := hasher.lookup(form)) is not None]
    erased = await erasure.history(session, account_id, hashes)
    return SubjectRecords(
        calls=(await session.exec(calls.order_by(col(Call.created_time)))).all(),
        attempts=(await session.exec(attempts.order_by(col(Attempt.dialed_at)))).all(),
        contacts=(await session.exec(contacts)).all(),
        consents=(await session.exec(consents)).all(),
        suppressions=(await session.exec(suppressions)).all(),
        inbound=(await session.exec(inbound)).all(),
        registries=(await session.exec(listed)).all(),
        erased=[row.at for row in erased],
    )
