"""People whose passwords are worked out in no time: how they are in truth is tried elsewhere."""

from collections.abc import Iterator

import pytest

from storage.accounts import password_hash


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(password_hash, "_MEMORY_KIB", 64)
    monkeypatch.setattr(password_hash, "_ITERATIONS", 1)
    password_hash._nobodys.cache_clear()
    yield
    password_hash._nobodys.cache_clear()
