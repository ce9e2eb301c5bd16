from collections.abc import AsyncIterator

import pytest

from tests.simulator.harness import Application, Simulator, receiving, simulating


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    async with receiving() as running:
        yield running


@pytest.fixture
async def simulator(application: Application) -> AsyncIterator[Simulator]:
    async with simulating(application) as running:
        yield running
