"""What may be asked of `audit`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator
from datetime import datetime

from trunkline_client.models.audit import (
    Audit,
    AuditEntryView,
    AuditLog,
    CallClearances,
    ClearanceFigures,
    ClearancesWanted,
    EraseRequest,
    ErasureView,
    Invitation,
    KeyList,
    KeyMade,
    KeyRequest,
    KeyRotation,
    KeyView,
    Me,
    MemberList,
    MemberMade,
    MemberPatch,
    MemberView,
    PersonalData,
    SignOnRequest,
    SignOnView,
)
from trunkline_client.transport import Asking, Json, part


class AuditOperations(Asking):
    def account_clearances(self) -> ClearanceFigures:
        """What requests about numbers the account has made, and their cost."""
        return self._ask(ClearanceFigures, "GET", "/api/v1/account/clearances")

    def call_clearances(self, call_id: str) -> CallClearances:
        """Whether the call's number is cleared to be dialed now, and every request about it."""
        return self._ask(CallClearances, "GET", f"/api/v1/calls/{part(call_id)}/clearances")

    def campaign_clearances(self, campaign_id: str) -> ClearanceFigures:
        """What requests about its numbers a campaign has made, and their cost."""
        return self._ask(
            ClearanceFigures, "GET", f"/api/v1/campaigns/{part(campaign_id)}/clearances"
        )

    def ask_campaign_clearances(
        self, campaign_id: str, *, after: int | None = None
    ) -> ClearancesWanted:
        """Have everything asked now that the agent demands to know of contacts not called yet."""
        return self._ask(
            ClearancesWanted,
            "POST",
            f"/api/v1/campaigns/{part(campaign_id)}/clearances",
            query={"after": after},
        )

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

    def get_me(self) -> Me:
        """Who asks, and what they may do."""
        return self._ask(Me, "GET", "/api/v1/me")

    def list_people(
        self,
        *,
        include_disabled: bool | None = None,
        skip: int | None = None,
        take: int | None = None,
    ) -> MemberList:
        """The account's people, by name."""
        return self._ask(
            MemberList,
            "GET",
            "/api/v1/people",
            query={"includeDisabled": include_disabled, "skip": skip, "take": take},
        )

    def invite_person(self, body: Invitation | Json) -> MemberMade:
        """Invite somebody. Nothing is mailed: give them the link, which is shown this once."""
        return self._ask(MemberMade, "POST", "/api/v1/people", body=body)

    def get_person(self, member_id: str) -> MemberView:
        """One of them."""
        return self._ask(MemberView, "GET", f"/api/v1/people/{part(member_id)}")

    def change_person(self, member_id: str, body: MemberPatch | Json) -> MemberView:
        """Change name or role. Another role ends their sessions. The last admin stays one."""
        return self._ask(MemberView, "PATCH", f"/api/v1/people/{part(member_id)}", body=body)

    def disable_person(self, member_id: str) -> MemberView:
        """Keep somebody out, at once and in all sessions. Not the last admin."""
        return self._ask(MemberView, "POST", f"/api/v1/people/{part(member_id)}/disable")

    def enable_person(self, member_id: str) -> MemberView:
        """Let somebody in again."""
        return self._ask(MemberView, "POST", f"/api/v1/people/{part(member_id)}/enable")

    def reset_person(self, member_id: str) -> MemberMade:
        """A new link, with which they choose a password: it is shown this once."""
        return self._ask(MemberMade, "POST", f"/api/v1/people/{part(member_id)}/reset")

    def get_single_sign_on(self) -> SignOnView:
        """The provider, without its secret."""
        return self._ask(SignOnView, "GET", "/api/v1/single-sign-on")

    def set_single_sign_on(self, body: SignOnRequest | Json) -> SignOnView:
        """Let people sign in by a provider that speaks OpenID Connect. It is not asked before
        the first of them does.
        """
        return self._ask(SignOnView, "PUT", "/api/v1/single-sign-on", body=body)

    def remove_single_sign_on(self) -> None:
        """People sign in by passwords only."""
        return self._ask(None, "DELETE", "/api/v1/single-sign-on")

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

    def iter_people(
        self, *, include_disabled: bool | None = None, take: int | None = None
    ) -> Iterator[MemberView]:
        """Goes through `list_people`, page by page."""
        skip = 0
        while True:
            page = self.list_people(include_disabled=include_disabled, take=take, skip=skip)
            yield from page.people
            skip += len(page.people)
            if not page.people or skip >= page.total:
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
