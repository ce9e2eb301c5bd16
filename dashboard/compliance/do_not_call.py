"""A number is not to be called any more: said on a page, done as over REST."""

from typing import Any

from api.compliance.schemas import SuppressionAdded, SuppressionRequest
from api.compliance.suppression_routes import add
from api.http.deps import Services
from dashboard.forms.form_values import as_request
from storage.tables import Account


async def stop_calling(
    uses: Services, account: Account, number: str, reason: str, **more: Any
) -> SuppressionAdded:
    """Raises a 422 Problem for what is no number, or a reason that is too long.

    `more`: other fields of the request.
    """
    said = {"endpoint": number.strip(), "reason": reason.strip() or None, **more}
    body = as_request(SuppressionRequest, said)
    added = await add(body, account, uses, source="dashboard", dry_run=False)
    assert isinstance(added, SuppressionAdded)
    return added
