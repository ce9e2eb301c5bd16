"""What may be asked of `accounts`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator

from trunkline_client.models.accounts import (
    AccountPatch,
    AccountView,
    CarrierAccountList,
    CarrierAccountPatch,
    CarrierAccountRequest,
    CarrierAccountView,
    OwnKeyView,
    TokenRequest,
)
from trunkline_client.transport import Asking, Json, part


class AccountsOperations(Asking):
    def list_carrier_accounts(
        self, *, skip: int | None = None, take: int | None = None
    ) -> CarrierAccountList:
        """The account's own accounts at the carrier, newest first."""
        return self._ask(
            CarrierAccountList,
            "GET",
            "/api/v1/carrier-accounts",
            query={"skip": skip, "take": take},
        )

    def create_carrier_account(self, body: CarrierAccountRequest | Json) -> CarrierAccountView:
        """Dial from some numbers by another account at Twilio; from all others by the
        installation's.
        """
        return self._ask(CarrierAccountView, "POST", "/api/v1/carrier-accounts", body=body)

    def get_carrier_account(self, carrier_account_id: str) -> CarrierAccountView:
        """One of them."""
        return self._ask(
            CarrierAccountView, "GET", f"/api/v1/carrier-accounts/{part(carrier_account_id)}"
        )

    def change_carrier_account(
        self, carrier_account_id: str, body: CarrierAccountPatch | Json
    ) -> CarrierAccountView:
        """Change the fields that are named, from the next dial on."""
        return self._ask(
            CarrierAccountView,
            "PATCH",
            f"/api/v1/carrier-accounts/{part(carrier_account_id)}",
            body=body,
        )

    def delete_carrier_account(self, carrier_account_id: str) -> None:
        """Dial by it no more, and forget its token. Refused while a call of it is under way."""
        return self._ask(None, "DELETE", f"/api/v1/carrier-accounts/{part(carrier_account_id)}")

    def disable_carrier_account(self, carrier_account_id: str) -> CarrierAccountView:
        """Dial nobody by it, at once. Its token is kept, and calls under way go on to their
        end.
        """
        return self._ask(
            CarrierAccountView,
            "POST",
            f"/api/v1/carrier-accounts/{part(carrier_account_id)}/disable",
        )

    def enable_carrier_account(self, carrier_account_id: str) -> CarrierAccountView:
        """Dial by it again. Calls that waited for it decide again."""
        return self._ask(
            CarrierAccountView,
            "POST",
            f"/api/v1/carrier-accounts/{part(carrier_account_id)}/enable",
        )

    def rotate_carrier_token(
        self, carrier_account_id: str, body: TokenRequest | Json
    ) -> CarrierAccountView:
        """Go on with the next token. For a while callbacks signed with the former are taken as
        well.
        """
        return self._ask(
            CarrierAccountView,
            "POST",
            f"/api/v1/carrier-accounts/{part(carrier_account_id)}/rotate-token",
            body=body,
        )

    def get_account(self) -> AccountView:
        """The account of the key: its plan, caps, rates, spend limit and what was spent."""
        return self._ask(AccountView, "GET", "/api/v1/account")

    def change_account(self, body: AccountPatch | Json) -> AccountView:
        """Change the account. Caps and limits hold from the dispatcher's next turn on."""
        return self._ask(AccountView, "PATCH", "/api/v1/account", body=body)

    def get_own_key(self) -> OwnKeyView:
        """What the key of this request may do. Every key may ask."""
        return self._ask(OwnKeyView, "GET", "/api/v1/account/key")

    def try_dialing_now(self) -> AccountView:
        """While dialing is paused: let the next call in line try at once. Else this changes
        nothing.
        """
        return self._ask(AccountView, "POST", "/api/v1/account/dialing/probe")

    def iter_carrier_accounts(self, *, take: int | None = None) -> Iterator[CarrierAccountView]:
        """Goes through `list_carrier_accounts`, page by page."""
        skip = 0
        while True:
            page = self.list_carrier_accounts(take=take, skip=skip)
            yield from page.carrier_accounts
            skip += len(page.carrier_accounts)
            if not page.carrier_accounts or skip >= page.total:
                return
