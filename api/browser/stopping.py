"""A number is not to be called any more: said on a page, done as over REST."""

from pydantic import ValidationError

from api.deps import Services
from api.problems import field_error, refused
from api.routes.suppressions import add
from api.schemas.compliance import SuppressionAdded, SuppressionRequest
from storage.tables import Account


async def stop_calling(
    uses: Services, account: Account, number: str, reason: str
) -> SuppressionAdded:
    """Raises a 422 Problem for what is no number, or a reason that is too long."""
    said = {"endpoint": number.strip(), "reason": reason.strip() or None}
    try:
        body = SuppressionRequest.model_validate(said)
    except ValidationError as exc:
        raise refused([field_error(error) for error in exc.errors()]) from None
    added = await add(body, account, uses, source="dashboard", dry_run=False)
    assert isinstance(added, SuppressionAdded)
    return added
