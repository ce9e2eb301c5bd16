"""Fixtures: the whole web process, and somebody who looks at its pages."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from tests.api.conftest import application as application
from tests.api.conftest import database_url as database_url
from tests.api.conftest import logged as logged
from tests.api.conftest import settings as settings
from tests.api.conftest import worker as worker
from tests.api.conftest import world as world
from tests.api.world import World
from tests.dashboard.browser import Browser


@pytest.fixture
async def browser(application: FastAPI, world: World) -> AsyncIterator[Browser]:
    """Somebody at the dashboard, over https, who has not signed in."""
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="https://api") as http:
        yield Browser(http, world)
