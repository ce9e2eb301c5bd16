"""What may be asked of `people`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator

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
from trunkline_client.transport import Asking, Json, part


class PeopleOperations(Asking):
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

    def delete_person(self, member_id: str) -> None:
        """Delete somebody, and end all of their sessions. Not the last admin."""
        return self._ask(None, "DELETE", f"/api/v1/people/{part(member_id)}")

    def disable_person(self, member_id: str) -> MemberView:
        """Keep somebody out, at once and in all sessions. Not the last admin."""
        return self._ask(MemberView, "POST", f"/api/v1/people/{part(member_id)}/disable")

    def enable_person(self, member_id: str) -> MemberView:
        """Let somebody in again."""
        return self._ask(MemberView, "POST", f"/api/v1/people/{part(member_id)}/enable")

    def sign_person_out(self, member_id: str) -> MemberView:
        """End all of their sessions. They may sign in again; keys that they have made go on."""
        return self._ask(MemberView, "POST", f"/api/v1/people/{part(member_id)}/sign-out")

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
