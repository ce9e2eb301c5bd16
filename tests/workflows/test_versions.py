"""Three versions of the workers, one after another, while calls are made: no task fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from api.temporal_client import TemporalGateway
from contracts.calls import CallEnd
from settings import Settings
from telephony.memory.carrier import MemoryCarrier
from tests.databases import SqliteTemplates
from tests.wait import until
from tests.workflows.bench import WAIVING, Bench, repeated, strict_sandbox
from tests.workflows.server import start_plain_server
from worker import call_worker, deployment, dial_worker

pytestmark = pytest.mark.asyncio(loop_scope="session")

VERSIONS = ("one", "two", "three")
DEPLOYMENT = "rolled"
CALLS = 6


def settings_of(version: str) -> Settings:
    return WAIVING.model_copy(update={"build_id": version, "deployment_name": DEPLOYMENT})


@asynccontextmanager
async def working(bench: Bench, version: str) -> AsyncIterator[None]:
    own = settings_of(version)
    async with (
        call_worker(bench.client, bench.activities, own, strict_sandbox()),
        dial_worker(bench.client, bench.activities, own),
    ):
        yield


async def make_current(client: Client, version: str) -> None:
    """As `temporal worker deployment set-current-version` does; the server must have seen it."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=version
    )

    async def done() -> bool:
        try:
            await client.workflow_service.set_worker_deployment_current_version(request)
        except RPCError:
            return False
        return True

    await until(done, f"version {version} as the current one")


@asynccontextmanager
async def bench_without_workers(
    plain: WorkflowEnvironment, templates: SqliteTemplates
) -> AsyncIterator[Bench]:
    async with templates.opened("versions") as db:
        carrier = MemoryCarrier()
        bench = Bench(db, plain.client, carrier, waived=True)
        carrier.on_status, carrier.on_amd = repeated(bench.hear_status), repeated(bench.hear_amd)
        carrier.on_outcome = bench.hear_outcome
        async with db.write() as session:
            session.add(bench.account)
        yield bench


@pytest_asyncio.fixture(loop_scope="session")
async def own() -> AsyncIterator[WorkflowEnvironment]:
    """A server that knows a current version gives workers without one nothing to do."""
    async with await start_plain_server() as started:
        yield started


async def test_three_versions_follow_each_other_under_load_and_no_task_fails(
    own: WorkflowEnvironment, sqlite_templates: SqliteTemplates
) -> None:
    async with bench_without_workers(own, sqlite_templates) as bench, AsyncExitStack() as stack:
        capped, free = await bench.agent(max_concurrent=0), await bench.agent()
        made: list[WorkflowHandle[object, CallEnd]] = []
        old: AsyncExitStack | None = None
        for version in VERSIONS:
            new = await stack.enter_async_context(AsyncExitStack())
            await new.enter_async_context(working(bench, version))
            await make_current(bench.client, version)
            if not made:
                made.append(await bench.start(await bench.accept(capped)))
                await bench.until(made[0], lambda progress: progress.kind == "queue")
            made += [
                await bench.start(await bench.accept(free, endpoint=f"+1212555{number:04}"))
                for number in range(len(made) + 99, len(made) + 99 + CALLS)
            ]
            # As /readyz asks.
            assert (await TemporalGateway(bench.client).readiness()).worker
            if old is not None:
                # Calls are under way meanwhile, of this version's making and of its successor's.
                await old.aclose()
            old = new
        await asyncio.gather(*(handle.result() for handle in made[1:]))
        await bench.free_and_grant()
        ends = [await handle.result() for handle in made]
        histories = [(await handle.fetch_history()).events for handle in made]
        stories = [await bench.story(end.call_id) for end in ends]
    kinds = {event.event_type for events in histories for event in events}
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in kinds
    assert {len(story.attempts) for story in stories} == {1}
    by = [builds(events) for events in histories]
    # What slept for long has moved, and each version has done some work.
    assert (by[0][0], by[0][-1]) == ("one", "three")
    assert {build for each in by for build in each} == {*VERSIONS}


def builds(events) -> list[str]:
    return [
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]


async def test_without_a_build_id_workers_are_not_versioned() -> None:
    assert deployment(Settings()) is None
