"""Who asked for something, as it is kept with what was done."""

from typing import Annotated

from fastapi import Depends, Request

from storage.tables import ApiKey


def name_of(key: ApiKey) -> str:
    """The key by its name, or else by the beginning that people know it by."""
    return f"key {key.name or key.prefix}"


async def _in_hand(request: Request) -> ApiKey:
    _, key = request.state.holder
    assert isinstance(key, ApiKey)
    return key


async def _by(request: Request) -> str:
    return name_of(await _in_hand(request))


By = Annotated[str, Depends(_by)]
#: The key that asks.
InHand = Annotated[ApiKey, Depends(_in_hand)]
