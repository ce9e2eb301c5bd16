"""Who asked for something, as it is kept with what was done."""

from typing import Annotated

from fastapi import Depends, Request

from storage.tables import ApiKey


async def _by(request: Request) -> str:
    """The key by its name, or else by the beginning that people know it by."""
    _, key = request.state.holder
    assert isinstance(key, ApiKey)
    return f"key {key.name or key.prefix}"


By = Annotated[str, Depends(_by)]
