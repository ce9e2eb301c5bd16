"""Calls on Temporal's real dev server, an SQLite file, and the carrier in memory.

Only the carrier is not what runs in production, and it is shipped beside the real one.
"""

from collections.abc import AsyncIterator

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.databases import SqliteTemplates
from tests.workflows.bench import Bench, open_bench
from tests.workflows.server import start_plain_server, start_skipping_server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    async with await start_skipping_server() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def plain() -> AsyncIterator[WorkflowEnvironment]:
    async with await start_plain_server() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def bench(
    skipping: WorkflowEnvironment, sqlite_templates: SqliteTemplates
) -> AsyncIterator[Bench]:
    """Virtual time, calling hours in force."""
    async with open_bench(skipping, sqlite_templates) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def plain_bench(
    plain: WorkflowEnvironment, sqlite_templates: SqliteTemplates
) -> AsyncIterator[Bench]:
    """The wall's time, so calling hours are waived."""
    async with open_bench(plain, sqlite_templates, waived=True) as opened:
        yield opened
