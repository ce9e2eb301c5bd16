"""What is sent again, and what never is: a second call to the same person would be one too many."""

from collections.abc import Callable, Iterator

import httpx2
import pytest

from trunkline_client import AsyncTrunkline, Away, Problem, Trunkline, Unreadable
from trunkline_client.models import AgentRequest, CallRequest
from trunkline_client.retries import Retries

SOON = Retries(times=3, first=0.0)
CALL = CallRequest(agent_id="a-1", endpoint="+12125550123")
Answer = Callable[[httpx2.Request], httpx2.Response]
VIEW: dict[str, object] = {"statuses": {}}


class Server:
    """Does as it is told, one thing a request, then answers well; notes what it was sent."""

    def __init__(self, *does: int | type[httpx2.TransportError], after: str = "0") -> None:
        self._does = list(does)
        self._after = after
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        now = self._does.pop(0) if self._does else 200
        if not isinstance(now, int):
            raise now("told to")
        headers = {"Retry-After": self._after} if now in (429, 503) else {}
        body = VIEW if now == 200 else {"status": now, "code": "told", "detail": "Told to."}
        return httpx2.Response(now, json=body, headers=headers)

    def client(self) -> Trunkline:
        return Trunkline("http://api", "tl_x", retries=SOON, transport=httpx2.MockTransport(self))

    def keys(self) -> Iterator[str]:
        return (one.headers["Idempotency-Key"] for one in self.asked)


def send(server: Server) -> None:
    """Submits a call; the answer of this server is none, which comes after all the tries."""
    with server.client() as client, pytest.raises(Unreadable, match="CallView"):
        client.create_call(CALL)


@pytest.mark.parametrize(
    "trouble", [503, 429, httpx2.ConnectError, httpx2.ReadError, httpx2.ReadTimeout]
)
def test_a_call_is_submitted_again_under_the_same_key(
    trouble: int | type[httpx2.TransportError],
) -> None:
    server = Server(trouble, trouble)
    send(server)
    assert len(server.asked) == 3
    assert len(set(server.keys())) == 1
    assert len({one.content for one in server.asked}) == 1


def test_each_call_has_a_key_of_its_own() -> None:
    server = Server()
    send(server)
    send(server)
    assert len(set(server.keys())) == 2


@pytest.mark.parametrize("trouble", [httpx2.ReadError, httpx2.ReadTimeout])
def test_what_has_no_key_is_not_sent_twice_when_nobody_knows_what_came_of_it(
    trouble: type[httpx2.TransportError],
) -> None:
    server = Server(trouble)
    with server.client() as client, pytest.raises(Away):
        client.create_agent(AgentRequest(name="Blue"))
    assert len(server.asked) == 1


@pytest.mark.parametrize("trouble", [httpx2.ConnectError, 503])
def test_what_was_surely_not_done_is_sent_again(trouble: int | type[httpx2.TransportError]) -> None:
    server = Server(trouble)
    with server.client() as client, pytest.raises(Unreadable, match="AgentView"):
        client.create_agent(AgentRequest(name="Blue"))
    assert len(server.asked) == 2


def test_what_the_server_gave_up_is_sent_again_only_if_it_can_have_no_second_effect() -> None:
    told = {"status": 503, "code": "took_too_long", "detail": "Look what of it was done."}
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.method + request.url.path)
        return httpx2.Response(503, json=told, headers={"Retry-After": "0"})

    transport = httpx2.MockTransport(answer)
    with Trunkline("http://api", "tl_x", retries=SOON, transport=transport) as client:
        for send_one in (
            lambda: client.create_agent(AgentRequest(name="Blue")),
            lambda: client.create_call(CALL),
            client.count_statuses,
        ):
            with pytest.raises(Problem, match="Look what"):
                send_one()
    tries = 1 + SOON.times
    assert asked.count("POST/api/v1/agents") == 1
    assert asked.count("POST/api/v1/calls") == tries
    assert len(asked) == 1 + 2 * tries


@pytest.mark.parametrize("status", [400, 409, 422, 500, 502])
def test_what_was_refused_or_failed_is_not_sent_again(status: int) -> None:
    server = Server(status)
    with server.client() as client, pytest.raises(Problem) as caught:
        client.create_call(CALL)
    assert (caught.value.status, len(server.asked)) == (status, 1)


def test_it_gives_up_and_says_what_came_last() -> None:
    server = Server(*[503] * 9)
    with server.client() as client, pytest.raises(Problem) as caught:
        client.count_statuses()
    assert (caught.value.status, len(server.asked)) == (503, 1 + SOON.times)


def test_whoever_wants_more_time_than_there_is_is_not_waited_for() -> None:
    server = Server(503, after="3600")
    with server.client() as client, pytest.raises(Problem) as caught:
        client.count_statuses()
    assert (caught.value.retry_after, len(server.asked)) == (3600, 1)


def test_pieces_of_a_file_are_gone_after_the_first_try() -> None:
    server = Server(httpx2.ConnectError)
    with server.client() as client, pytest.raises(Away):
        client.import_suppressions(iter([b"phone\n"]))
    assert len(server.asked) == 1


async def test_the_client_that_is_awaited_sends_again_too() -> None:
    server = Server(httpx2.ReadError, 503)
    transport = httpx2.MockTransport(server)
    async with AsyncTrunkline("http://api", "tl_x", retries=SOON, transport=transport) as client:
        assert (await client.count_statuses()).statuses == {}
    assert len(server.asked) == 3


def test_the_pauses_grow_and_end() -> None:
    retries = Retries(times=4, first=1.0, longest=3.0)
    pauses = [retries.pause(tried) for tried in range(1, 6)]
    assert pauses[-1] is None
    for pause, most in zip(pauses, (1.0, 2.0, 3.0, 3.0), strict=False):
        assert pause is not None
        assert most / 2 <= pause <= most
