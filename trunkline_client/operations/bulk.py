"""What may be asked of `bulk`.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.models.bulk import BulkResult
from trunkline_client.transport import Asking, Json, new_key


class BulkOperations(Asking):
    def create_calls(self, body: Json, *, idempotency_key: str | None = None) -> BulkResult:
        """Accept up to 10,000 calls. A row that is refused does not keep the others from being
        made.
        """
        return self._ask(
            BulkResult, "POST", "/api/v1/calls/bulk", body=body, key=idempotency_key or new_key()
        )
