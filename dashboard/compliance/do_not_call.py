"""A number is not to be called any more: said on a page, done as over REST."""

from typing import Any

from pydantic import ValidationError

from api.compliance.schemas import SuppressionAdded, SuppressionRequest
from api.compliance.suppression_routes import add
from api.http.deps import Services
from api.http.problems import field_error, refused
from storage.tables import Account


async def stop_calling(
    uses: Services, account: Account, number: str, reason: str, **more: Any
) -> SuppressionAdded:
    """Raises a 422 Problem for what is no number, or a reason that is too long.

    `more`: other fields of the request.
    """
    said = {"endpoint": number.strip(), "reason": reason.strip() or None, **more}
    try:
        body = SuppressionRequest.model_validate(said)
    except ValidationError as exc:
        raise refused([field_error(error) for error in exc.errors()]) from None
    added = await add(body, account, uses, source="dashboard", dry_run=False)
    assert isinstance(added, SuppressionAdded)
    return added
