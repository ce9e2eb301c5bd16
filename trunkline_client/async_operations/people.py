"""What may be asked of `people`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import AsyncIterator

from trunkline_client.models.people import (
    Invitation,
    Me,
    MemberList,
    MemberMade,
    MemberPatch,
    MemberView,
    SignOnRequest,
    SignOnView,
)
from trunkline_client.transport import AsyncAsking, Json, part


class AsyncPeopleOperations(AsyncAsking):
    async def get_me(self) -> Me:
        """Who asks, and what they may do."""
        return await self._ask(Me, "GET", "/api/v1/me")

    async def list_people(
        self,
        *,
        include_disabled: bool | None = None,
        skip: int | None = None,
        take: int | None = None,
    ) -> MemberList:
        """The account's people, by name."""
        return await self._ask(
            MemberList,
            "GET",
            "/api/v1/people",
            query={"includeDisabled": include_disabled, "skip": skip, "take": take},
        )

    async def invite_person(self, body: Invitation | Json) -> MemberMade:
        """Invite somebody. Nothing is mailed: give them the link, which is shown this once."""
        return await self._ask(MemberMade, "POST", "/api/v1/people", body=body)

    async def get_person(self, member_id: str) -> MemberView:
        """One of them."""
        return await self._ask(MemberView, "GET", f"/api/v1/people/{part(member_id)}")

    async def change_person(self, member_id: str, body: MemberPatch | Json) -> MemberView:
        """Change name or role. Another role ends their sessions. The last admin stays one."""
        return await self._ask(MemberView, "PATCH", f"/api/v1/people/{part(member_id)}", body=body)

    async def delete_person(self, member_id: str) -> None:
        """Delete somebody, and end all of their sessions. Not the last admin."""
        return await self._ask(None, "DELETE", f"/api/v1/people/{part(member_id)}")

    async def disable_person(self, member_id: str) -> MemberView:
        """Keep somebody out, at once and in all sessions. Not the last admin."""
        return await self._ask(MemberView, "POST", f"/api/v1/people/{part(member_id)}/disable")

    async def enable_person(self, member_id: str) -> MemberView:
        """Let somebody in again."""
        return await self._ask(MemberView, "POST", f"/api/v1/people/{part(member_id)}/enable")

    async def sign_person_out(self, member_id: str) -> MemberView:
        """End all of their sessions. They may sign in again; keys that they have made go on."""
        return await self._ask(MemberView, "POST", f"/api/v1/people/{part(member_id)}/sign-out")

    async def reset_person(self, member_id: str) -> MemberMade:
        """A new link, with which they choose a password: it is shown this once."""
        return await self._ask(MemberMade, "POST", f"/api/v1/people/{part(member_id)}/reset")

    async def get_single_sign_on(self) -> SignOnView:
        """The provider, without its secret."""
        return await self._ask(SignOnView, "GET", "/api/v1/single-sign-on")

    async def set_single_sign_on(self, body: SignOnRequest | Json) -> SignOnView:
        """Let people sign in by a provider that speaks OpenID Connect. It is not asked before
        the first of them does.
        """
        return await self._ask(SignOnView, "PUT", "/api/v1/single-sign-on", body=body)

    async def remove_single_sign_on(self) -> None:
        """People sign in by passwords only."""
        return await self._ask(None, "DELETE", "/api/v1/single-sign-on")

    async def iter_people(
        self, *, include_disabled: bool | None = None, take: int | None = None
    ) -> AsyncIterator[MemberView]:
        """Goes through `list_people`, page by page."""
        skip = 0
        while True:
            page = await self.list_people(include_disabled=include_disabled, take=take, skip=skip)
            for row in page.people:
                yield row
            skip += len(page.people)
            if not page.people or skip >= page.total:
                return
