"""Accounts at the carrier besides the installation's own, as tests make them."""

from typing import Any

from pydantic import SecretStr

from settings import Settings
from storage.accounts import accounts
from storage.carriers.sealer import new_key
from storage.tables import Account
from tests.api.world import AUTH_TOKEN, KEY, PUBLIC_URL, Json, World

OWN_SID, SID, OTHER_SID = ("AC" + digit * 32 for digit in "1ab")
TOKEN, NEXT_TOKEN, OTHER_TOKEN = "token-of-ireland-1", "token-of-ireland-2", "token-of-others-1"
NUMBER = "+12025550155"
OTHER_KEY = "tl_another-account"
_SECRET_KEY = new_key()
PATH = "/api/v1/carrier-accounts"


def sealing_settings(**changes: Any) -> Settings:
    return Settings(
        public_url=PUBLIC_URL,
        bootstrap_api_key=SecretStr(KEY),
        twilio_account_sid=OWN_SID,
        twilio_auth_token=SecretStr(AUTH_TOKEN),
        secret_keys=SecretStr(_SECRET_KEY),
        **changes,
    )


def body(**changes: Any) -> Json:
    said = {"name": "Ireland", "accountSid": SID, "authToken": TOKEN, "callerIds": [NUMBER]}
    return {**said, **changes}


async def made(world: World, **changes: Any) -> Json:
    return await world.post(PATH, body(**changes))


async def refusal(world: World, status: int = 422, **changes: Any) -> tuple[str, str]:
    """Code and field with which such an account is refused."""
    problem = await world.post(PATH, body(**changes), status)
    errors = problem["errors"] or [{"code": problem["code"], "field": ""}]
    return errors[0]["code"], errors[0]["field"]


async def another_account(world: World) -> dict[str, str]:
    """The headers of somebody else's key."""
    now = world.clock.now
    async with world.db.write() as session:
        owner = Account(name="another", created_time=now)
        session.add(owner)
        await session.flush()
        _, key = await accounts.new_key(session, owner.account_id, "another", ["*"], now)
    return {"Authorization": f"Bearer {key}"}
