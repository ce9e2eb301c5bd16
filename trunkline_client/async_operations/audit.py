"""What may be asked of `audit`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import AsyncIterator
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
from trunkline_client.transport import AsyncAsking, Json, part


class AsyncAuditOperations(AsyncAsking):
    async def list_keys(
        self, *, include_ended: bool | None = None, skip: int | None = None, take: int | None = None
    ) -> KeyList:
        """The account's keys, the newest first."""
        return await self._ask(
            KeyList,
            "GET",
            "/api/v1/keys",
            query={"includeEnded": include_ended, "skip": skip, "take": take},
        )

    async def create_key(self, body: KeyRequest | Json) -> KeyMade:
        """Make a key. Its secret is shown this once; keep it."""
        return await self._ask(KeyMade, "POST", "/api/v1/keys", body=body)

    async def get_key(self, key_id: str) -> KeyView:
        """One key, without its secret."""
        return await self._ask(KeyView, "GET", f"/api/v1/keys/{part(key_id)}")

    async def revoke_key(self, key_id: str) -> KeyView:
        """End a key at once, and the sessions that were opened with it. It stays on record."""
        return await self._ask(KeyView, "DELETE", f"/api/v1/keys/{part(key_id)}")

    async def rotate_key(self, key_id: str, body: KeyRotation | Json | None = None) -> KeyMade:
        """Make a key that takes this one's place. Both work until the overlap is over."""
        return await self._ask(KeyMade, "POST", f"/api/v1/keys/{part(key_id)}/rotate", body=body)

    async def list_audit_log(
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
        return await self._ask(
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

    async def export_audit_log(
        self,
        *,
        actor_id: str | None = None,
        action: str | None = None,
        object_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> bytes:
        """The same as CSV, the newest 50,000 entries at most."""
        return await self._ask(
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

    async def erase_person(self, body: EraseRequest | Json) -> ErasureView:
        """Forget a person: number, context, transcripts, recordings' links, evidence of
        consent.
        """
        return await self._ask(ErasureView, "POST", "/api/v1/privacy/erase", body=body)

    async def export_person(self, *, endpoint: str) -> PersonalData:
        """All that is on file about one person."""
        return await self._ask(
            PersonalData, "GET", "/api/v1/privacy/export", query={"endpoint": endpoint}
        )

    async def audit_call(self, call_id: str) -> Audit:
        """When, why, under which rules, with which consent, every dial with its carrier id."""
        return await self._ask(Audit, "GET", f"/api/v1/calls/{part(call_id)}/audit")

    async def iter_keys(
        self, *, include_ended: bool | None = None, take: int | None = None
    ) -> AsyncIterator[KeyView]:
        """Goes through `list_keys`, page by page."""
        skip = 0
        while True:
            page = await self.list_keys(include_ended=include_ended, take=take, skip=skip)
            for row in page.keys:
                yield row
            skip += len(page.keys)
            if not page.keys or skip >= page.total:
                return

    async def iter_audit_log(
        self,
        *,
        take: int | None = None,
        actor_id: str | None = None,
        action: str | None = None,
        object_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> AsyncIterator[AuditEntryView]:
        """Goes through `list_audit_log`, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_audit_log(
                take=take,
                actor_id=actor_id,
                action=action,
                object_id=object_id,
                since=since,
                until=until,
                cursor=cursor,
            )
            for row in page.entries:
                yield row
            cursor = page.next_cursor
            if cursor is None:
                return
