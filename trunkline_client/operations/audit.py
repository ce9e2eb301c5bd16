"""What may be asked of `audit`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator
from datetime import datetime

from trunkline_client.models.audit import (
    Audit,
    AuditEntryView,
    AuditLog,
    EraseRequest,
    ErasureView,
    KeyList,
    KeyMade,
    KeyRequest,
    KeyRotation,
    KeyView,
    PersonalData,
)
from trunkline_client.transport import Asking, Json, part


class AuditOperations(Asking):
    def list_keys(
        self, *, include_ended: bool | None = None, skip: int | None = None, take: int | None = None
    ) -> KeyList:
        """The account's keys, the newest first."""
        return self._ask(
            KeyList,
            "GET",
            "/api/v1/keys",
            query={"includeEnded": include_ended, "skip": skip, "take": take},
        )

    def create_key(self, body: KeyRequest | Json) -> KeyMade:
        """Make a key. Its secret is shown this once; keep it."""
        return self._ask(KeyMade, "POST", "/api/v1/keys", body=body)

    def get_key(self, key_id: str) -> KeyView:
        """One key, without its secret."""
        return self._ask(KeyView, "GET", f"/api/v1/keys/{part(key_id)}")

    def revoke_key(self, key_id: str) -> KeyView:
        """End a key at once, and the sessions that were opened with it. It stays on record."""
        return self._ask(KeyView, "DELETE", f"/api/v1/keys/{part(key_id)}")

    def rotate_key(self, key_id: str, body: KeyRotation | Json | None = None) -> KeyMade:
        """Make a key that takes this one's place. Both work until the overlap is over."""
        return self._ask(KeyMade, "POST", f"/api/v1/keys/{part(key_id)}/rotate", body=body)

    def list_audit_log(
        self,
        *,
        take: int | None = None,
        cursor: str | None = None,
        actor_id: str | None = None,
        action: str | None = None,
        object_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> AuditLog:
        """Changes of everything in the account, the newest first. Single calls tell by their
        events.
        """
        return self._ask(
            AuditLog,
            "GET",
            "/api/v1/audit-log",
            query={
                "take": take,
                "cursor": cursor,
                "actorId": actor_id,
                "action": action,
                "objectId": object_id,
                "since": since,
                "until": until,
            },
        )

    def export_audit_log(
        self,
        *,
        actor_id: str | None = None,
        action: str | None = None,
        object_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> bytes:
        """The same as CSV, the newest 50,000 entries at most."""
        return self._ask(
            bytes,
            "GET",
            "/api/v1/audit-log.csv",
            query={
                "actorId": actor_id,
                "action": action,
                "objectId": object_id,
                "since": since,
                "until": until,
            },
        )

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

    def iter_keys(
        self, *, include_ended: bool | None = None, take: int | None = None
    ) -> Iterator[KeyView]:
        """Goes through `list_keys`, page by page."""
        skip = 0
        while True:
            page = self.list_keys(include_ended=include_ended, take=take, skip=skip)
            yield from page.keys
            skip += len(page.keys)
            if not page.keys or skip >= page.total:
                return

    def iter_audit_log(
        self,
        *,
        take: int | None = None,
        actor_id: str | None = None,
        action: str | None = None,
        object_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> Iterator[AuditEntryView]:
        """Goes through `list_audit_log`, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_audit_log(
                take=take,
                actor_id=actor_id,
                action=action,
                object_id=object_id,
                since=since,
                until=until,
                cursor=cursor,
            )
            yield from page.entries
            cursor = page.next_cursor
            if cursor is None:
                return
