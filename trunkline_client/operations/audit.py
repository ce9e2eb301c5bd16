"""What may be asked of `audit`.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.models.audit import Audit, EraseRequest, ErasureView, PersonalData
from trunkline_client.transport import Asking, Json, part


class AuditOperations(Asking):
    def erase_person(self, body: EraseRequest | Json) -> ErasureView:
        """Forget a person: number, context, transcripts, recordings' links, evidence of
        consent.
        """
        return self._ask(ErasureView, "POST", "/api/v1/privacy/erase", body=body)

    def export_person(self, *, endpoint: str) -> PersonalData:
        """All that is on file about one person."""
        return self._ask(
            PersonalData, "GET", "/api/v1/privacy/export", query={"endpoint": endpoint}
        )

    def audit_call(self, call_id: str) -> Audit:
        """When, why, under which rules, with which consent, every dial with its carrier id."""
        return self._ask(Audit, "GET", f"/api/v1/calls/{part(call_id)}/audit")
