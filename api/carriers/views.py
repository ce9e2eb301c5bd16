"""An account at the carrier as it is shown."""

from datetime import datetime

from api.carriers.schemas import CarrierAccountView
from storage.tables import CarrierAccount


def carrier_account_view(row: CarrierAccount, now: datetime) -> CarrierAccountView:
    ends = row.former_ends_at
    return CarrierAccountView(
        carrier_account_id=row.carrier_account_id,
        name=row.name,
        account_sid=row.account_sid,
        region=row.region,
        edge=row.edge,
        caller_ids=row.caller_ids,
        token_time=row.token_time,
        former_token_ends_time=ends if ends is not None and now < ends else None,
        is_default=row.is_default,
        disabled_time=row.disabled_time,
        created_time=row.created_time,
        updated_time=row.updated_time,
    )
