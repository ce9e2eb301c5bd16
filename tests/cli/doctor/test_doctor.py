"""Each thing that is wrong is found, by its name and with its remedy; what is right is well."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cli.doctor import carrier, database, examination, machine, outside, public_url
from cli.doctor import rules as rules_look
from cli.doctor.diagnosis import Finding, State, bad, well
from cli.main import main
from settings import Settings
from tests.api.world import AUTH_TOKEN, sign
from tests.databases import SqliteTemplates

OURS, FOREIGN, VERIFIED = "+12025550100", "+12025550101", "+12025550102"
URL = "https://calls.example.com"
Answer = Callable[[httpx2.Request], httpx2.Response]


def settings(**said: Any) -> Settings:
    twilio = {"twilio_account_sid": "AC1", "twilio_auth_token": AUTH_TOKEN, "public_url": URL}
    return Settings.model_validate({**twilio, **said})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], None]:
    """All requests of this process are answered by one function."""
    real = httpx2.AsyncClient

    def answered_by(answer: Answer) -> None:
        def client(**said: Any) -> httpx2.AsyncClient:
            return real(**said, transport=httpx2.MockTransport(answer))

        monkeypatch.setattr(httpx2, "AsyncClient", client)

    return answered_by


def states(found: list[Finding]) -> dict[str, State]:
    assert all(one.remedy for one in found if one.state in (State.BAD, State.WARN))
    return {one.name: one.state for one in found}


# -- the database


async def test_a_database_of_this_version_is_well_and_any_other_is_not(
    sqlite_templates: SqliteTemplates, tmp_path: Path
) -> None:
    url = sqlite_templates.copy(tmp_path / "some.db")
    assert (await database.examine(settings(database_url=url))).state is State.WELL
    assert await database.caller_ids(settings(database_url=url)) == []
    empty = settings(database_url=f"sqlite+aiosqlite:///{tmp_path}/new.db")
    assert "trunkline migrate" in (await database.examine(empty)).remedy
    away = settings(database_url="postgresql+psycopg://me:hidden@127.0.0.1:1/trunkline")
    found = await database.examine(away)
    assert found.state is State.BAD
    assert "hidden" not in found.detail


# -- the carrier


def twilio(request: httpx2.Request, status: str = "active", kind: str = "Full") -> httpx2.Response:
    number = request.url.params.get("PhoneNumber")
    if request.url.path.endswith("/IncomingPhoneNumbers.json"):
        rows = [{"phone_number": OURS}] if number == OURS else []
        return httpx2.Response(200, json={"incoming_phone_numbers": rows})
    if request.url.path.endswith("/OutgoingCallerIds.json"):
        rows = [{"phone_number": VERIFIED}] if number == VERIFIED else []
        return httpx2.Response(200, json={"outgoing_caller_ids": rows})
    assert request.url.path == "/2010-04-01/Accounts/AC1.json"
    date = {"Date": format_datetime(datetime.now(UTC))}
    return httpx2.Response(200, json={"status": status, "type": kind}, headers=date)


async def test_numbers_that_are_owned_or_verified_are_well(world: Callable[[Answer], None]) -> None:
    world(twilio)
    found = await carrier.examine(settings(), [OURS, VERIFIED, "sip:me@example.com"])
    assert set(states(found).values()) == {State.WELL}
    assert states(found).keys() == {"carrier", "caller IDs", "clock, carrier's"}


async def test_a_clock_that_is_not_the_carriers_is_told(world: Callable[[Answer], None]) -> None:
    """The API runs beside this: its clock may go wrong with ours."""

    def later(request: httpx2.Request) -> httpx2.Response:
        answer = twilio(request)
        answer.headers["Date"] = format_datetime(datetime.now(UTC) + timedelta(minutes=10))
        return answer

    world(later)
    found = states(await carrier.examine(settings(), [OURS]))
    assert found["clock, carrier's"] is State.BAD


async def test_a_number_that_is_neither_is_named(world: Callable[[Answer], None]) -> None:
    world(twilio)
    _, numbers, _ = await carrier.examine(settings(), [OURS, FOREIGN])
    assert numbers.state is State.BAD
    assert FOREIGN in numbers.detail
    assert OURS not in numbers.detail


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (lambda _: httpx2.Response(401, json={}), State.BAD),
        (lambda _: httpx2.Response(500, json={}), State.WARN),
        (lambda request: twilio(request, "suspended"), State.BAD),
        (lambda request: twilio(request, kind="Trial"), State.WARN),
    ],
)
async def test_credentials_that_are_not_taken_and_accounts_that_cannot_call(
    world: Callable[[Answer], None], answer: Answer, state: State
) -> None:
    world(answer)
    found = await carrier.examine(settings(), [OURS])
    assert states(found)["carrier"] is state


async def test_without_credentials_or_an_answer_it_says_so(
    world: Callable[[Answer], None],
) -> None:
    def away(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("away")

    world(away)
    for said in (settings(), settings(twilio_auth_token="")):
        found = await carrier.examine(said, [OURS])
        assert states(found) == {"carrier": State.BAD, "caller IDs": State.SKIPPED}


# -- the public address


class Site:
    """A web server behind a proxy that may do things wrong."""

    def __init__(self, *, heard_as: str = URL, late: float = 0, lax: bool = False) -> None:
        self._heard_as = heard_as
        self._late = timedelta(seconds=late)
        self._lax = lax

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        date = {"Date": format_datetime(datetime.now(UTC) - self._late, usegmt=True)}
        if request.url.path == "/twilio/healthz":
            return httpx2.Response(200, json={"status": "ok"}, headers=date)
        form = dict(httpx2.QueryParams(request.content.decode()))
        signature = sign(self._heard_as + request.url.path, form)
        genuine = self._lax or request.headers["X-Twilio-Signature"] == signature
        return httpx2.Response(404 if genuine else 403, json={})


@pytest.mark.parametrize(
    ("site", "wrong"),
    [
        (Site(), set()),
        (Site(heard_as="http://inside:8000"), {"signatures"}),
        (Site(lax=True), {"signatures"}),
        (Site(late=60), {"clock"}),
        (lambda _: httpx2.Response(302, headers={"Location": "/"}), {"public address"}),
    ],
)
async def test_an_address_that_leads_here_with_signatures_that_fit(
    world: Callable[[Answer], None], site: Answer, wrong: set[str]
) -> None:
    world(site)
    found = states(await public_url.examine(settings()))
    assert wrong <= {name for name, state in found.items() if state is State.BAD}
    if not wrong:
        assert set(found.values()) == {State.WELL}


async def test_a_public_address_without_tls_is_a_warning_unless_the_carrier_is_simulated(
    world: Callable[[Answer], None],
) -> None:
    plain = {"public_url": "http://calls.example.com"}
    world(Site(heard_as=plain["public_url"]))
    assert (await public_url.examine(settings(**plain)))[0].state is State.WARN
    simulated = settings(**plain, twilio_api_url="http://127.0.0.1:8010")
    assert (await public_url.examine(simulated))[0].state is State.WELL


# -- what the carrier sees


def log(*codes: str, calls: int = 1, url: str = f"{URL}/twilio/twiml/x") -> Answer:
    """Twilio's, with these errors about requests to an address, and so many calls."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/Calls.json"):
            return httpx2.Response(200, json={"calls": [{"sid": "CA1"}] * calls})
        assert str(request.url).startswith(outside.ALERTS)
        assert request.headers["Authorization"].startswith("Basic ")
        rows = [{"error_code": code, "request_url": url} for code in codes]
        return httpx2.Response(200, json={"alerts": rows})

    return answer


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (log(), State.WELL),
        (log("11200", "11200", "11205"), State.WARN),
        (log("11200", url="https://another.example.com/x"), State.WELL),
        (log(calls=0), State.SKIPPED),
        (lambda _: httpx2.Response(403, json={}), State.SKIPPED),
        (lambda _: httpx2.Response(200, text="a page"), State.SKIPPED),
    ],
)
async def test_the_carriers_own_log_tells_whether_it_reaches_us(
    world: Callable[[Answer], None],
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    state: State,
) -> None:
    async def public(host: str) -> None:
        assert host == "calls.example.com"

    monkeypatch.setattr(outside, "_inner_address", public)
    world(answer)
    found = await outside.examine(settings())
    assert found.state is state
    assert ("Not checked" in found.detail) == (state is State.SKIPPED)
    if state is State.WARN:
        assert "11200 (2 times)" in found.detail


async def test_an_address_inside_is_told_and_a_simulated_carrier_says_nothing() -> None:
    inside = await outside.examine(settings(public_url="https://127.0.0.1"))
    assert inside.state is State.BAD
    assert "leads to 127.0.0.1" in inside.detail
    simulated = settings(public_url="http://127.0.0.1", twilio_api_url="http://127.0.0.1:8010")
    found = await outside.examine(simulated)
    assert found.state is State.SKIPPED
    assert "Not checked" in found.detail


# -- this machine


def test_old_rules_and_old_zones_are_told(tmp_path: Path) -> None:
    here = settings(database_url=f"sqlite+aiosqlite:///{tmp_path}/some.db")
    assert set(states(list(machine.examine(here))).values()) == {State.WELL}
    later = datetime.now(UTC) + timedelta(days=1000)
    found = states(list(machine.examine(here, later)))
    assert (found["time zones"], found["calling rules"]) == (State.WARN, State.WARN)


def test_a_full_disk_and_rules_that_cannot_be_read_are_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "storm.json").write_text("{")
    here = settings(database_url=f"sqlite+aiosqlite:///{tmp_path}/a.db", rules_dir=str(tmp_path))
    monkeypatch.setattr(machine, "_LEAST_FREE", 2**80)
    found = states(list(machine.examine(here)))
    assert (found["calling rules"], found["disk"]) == (State.BAD, State.BAD)


# -- the command


@pytest.mark.parametrize(("found", "code"), [([well("a", "b")], 0), ([bad("a", "b", "c")], 1)])
def test_the_exit_code_is_that_of_the_worst(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    found: list[Finding],
    code: int,
) -> None:
    monkeypatch.setattr(examination, "examine", lambda: ("Here", found))
    for words in ([], ["--json"], ["--quiet"]):
        monkeypatch.setattr(sys, "argv", ["trunkline", "doctor", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert int(ended.value.code or 0) == code
        said = capsys.readouterr().out
        if words == ["--json"]:
            assert json.loads(said)[0]["state"] == found[0].state
        elif code:
            assert "→ c" in said


def test_rules_that_nobody_has_looked_at_lately_are_a_warning(monkeypatch: pytest.MonkeyPatch):
    looked = rules_look.examine(Settings())
    assert looked.state is State.WELL
    monkeypatch.setattr(rules_look, "unreviewed", lambda rules, _today: list(rules)[:2])
    found = rules_look.examine(Settings())
    assert (found.state, found.name) == (State.WARN, "rules")
    assert "2 of" in found.detail
