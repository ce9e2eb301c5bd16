"""`trunkline rules`: the rules at hand, and the API's verdict in words."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cli.main import main
from policy.rules import RULES_VERSION, STANDARD
from trunkline_client import Trunkline

Typed = Callable[..., int]
ROOT = Path(__file__).parents[2]
RULE = {
    "id": "own.storm",
    "kind": "blackout",
    "starts_at": "2026-11-24T00:00:00Z",
    "source": "The operator",
    "confidence": "convention",
    "verified_on": "2020-01-01",
}
FOUND: dict[str, Any] = {
    "at": "2026-11-23T15:00:00Z",
    "permitted": True,
    "now": False,
    "nextAt": "2026-11-24T13:00:00Z",
    "reason": "calling_hours",
    "detail": "Outside calling hours until [Tue] 24 Nov 08:00 (America/New_York)",
    "timezones": ["America/New_York"],
    "zones": [{"zone": "America/New_York", "source": "number"}],
    "jurisdictions": ["US", "US-FL", "*"],
    "notices": {"identity": "us.federal.identity"},
    "rules": [
        {
            "rule": "us.fl.hours",
            "verdict": "closed",
            "demands": "Mon–Sun 08:00–20:00",
            "detail": "Closed [/for] now",
            "source": "Fla. Stat.",
            "confidence": "primary",
        }
    ],
    "versions": ["tzdata=2026.6", "rules=2026-11-25"],
}


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Typed:
    """Types a command in an empty directory; gives its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["trunkline", "rules", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_check_prints_the_packs_with_counts_confidence_and_age(
    typed: Typed, capsys: pytest.CaptureFixture[str]
):
    assert typed("check") == 0
    said = printed(capsys)
    assert f"{len(STANDARD.rules)} rules, version {RULES_VERSION}; all can be read." in said
    for rule in STANDARD.rules:
        assert rule.jurisdiction in said
    assert "1 attempt_cap, 1 calling_hours, 1 consent" in said
    assert "3 primary" in said
    assert "2026-11-22" in said


def test_check_reads_the_operators_own_rules_too(
    typed: Typed,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    pack = {"jurisdiction": "US-LA", "rules": [RULE]}
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "storm.json").write_text(json.dumps(pack))
    monkeypatch.setenv("TRUNKLINE_RULES_DIR", "own")
    assert typed("check") == 0
    said = printed(capsys)
    assert "1 blackout, 1 calling_hours" in said
    assert f"version {RULES_VERSION}+" in said


def test_check_says_in_one_sentence_what_cannot_be_read(
    typed: Typed,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    pack = {"jurisdiction": "US-LA", "rules": [{**RULE, "starts_at": "soon"}]}
    (tmp_path / "storm.json").write_text(json.dumps(pack))
    monkeypatch.setenv("TRUNKLINE_RULES_DIR", str(tmp_path))
    assert typed("check") == 2
    said = capsys.readouterr().err
    assert said.startswith("trunkline: The rules cannot be read: storm.json: rule own.storm:")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("module", "words"),
    [("server", []), ("worker", []), ("cli.main", ["rules", "check"]), ("cli.main", ["dev"])],
)
def test_no_process_starts_with_rules_that_cannot_be_read(
    module: str, words: list[str], tmp_path: Path
):
    """One sentence and exit code 2, wherever they are read."""
    (tmp_path / "storm.json").write_text("{")
    ended = subprocess.run(
        [sys.executable, "-m", module, *words],
        env={**os.environ, "TRUNKLINE_RULES_DIR": str(tmp_path), "TRUNKLINE_ENV_FILE": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = "trunkline: The rules cannot be read: storm.json: cannot be read.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", said)


# -- explain

AGENT: dict[str, Any] = {
    "agentId": "newest", "name": "tests", "isEnabled": True, "timezone": "UTC",
    "businessHours": None, "callerIds": [], "pathwayId": None, "retry": None, "voicemail": None,
    "ringTimeout": 30, "maxDuration": 600, "maxConcurrent": None, "callsPerMinute": None,
    "hungUpEarlySeconds": None, "purpose": None, "voice": "artificial", "identity": None,
    "healsCallerIds": False, "clearances": None, "lastWord": None,
    "bestTimes": None, "callReason": None,
    "inbound": None, "recording": False, "createdTime": "2026-11-23T15:00:00Z",
    "updatedTime": "2026-11-23T15:00:00Z",
}  # fmt: skip


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[httpx2.Request]:
    """An API that answers `FOUND`; gives what it was asked."""
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        if request.url.path == "/api/v1/agents":
            return httpx2.Response(200, json={"agents": [AGENT], "total": 1})
        if request.url.params.get("endpoint") == "nonsense":
            error = {"field": "endpoint", "code": "invalid_number", "message": "No such number."}
            body = {"detail": "No such number.", "code": "invalid_number", "errors": [error]}
            return httpx2.Response(422, json=body)
        return httpx2.Response(200, json=FOUND)

    def client(url: str, key: str) -> Trunkline:
        return Trunkline(url, key, transport=httpx2.MockTransport(answer))

    monkeypatch.setattr("cli.remote.command.Trunkline", client)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return asked


def test_explain_prints_the_verdict_as_the_api_gives_it(
    typed: Typed, api: list[httpx2.Request], capsys: pytest.CaptureFixture[str]
):
    where = ("--url", "http://api", "--key", "tl_x")
    assert typed("explain", "+13055550123", *where, "--purpose", "reminder") == 0
    said = printed(capsys)
    assert said.startswith(
        "may be called later: Outside calling hours until [Tue] 24 Nov 08:00 (America/New_York) "
        "(calling_hours) Next: 2026-11-24T13:00:00Z Where: US, US-FL, *; America/New_York "
        "Said first: identity (us.federal.identity)"
    )
    assert "Closed [/for] now" in said
    assert "Fla. Stat." in said
    assert said.endswith("tzdata=2026.6, rules=2026-11-25")
    assert dict(api[-1].url.params) == {
        "endpoint": "+13055550123",
        "agentId": "newest",
        "purpose": "reminder",
    }
    assert api[-1].headers["Authorization"] == "Bearer tl_x"


def test_explain_uses_the_key_of_the_stack_that_runs_here(
    typed: Typed, api: list[httpx2.Request], tmp_path: Path
):
    assert typed("explain", "+13055550123", "--agent", "tests") == 2
    (tmp_path / ".trunkline").mkdir()
    (tmp_path / ".trunkline" / "secrets.json").write_text(json.dumps({"api_key": "tl_local"}))
    assert typed("explain", "+13055550123", "--agent", "tests") == 0
    assert api[-1].headers["Authorization"] == "Bearer tl_local"
    assert api[-1].url.params["agentId"] == "newest"


def test_explain_says_in_one_sentence_what_the_api_refuses(
    typed: Typed, api: list[httpx2.Request], capsys: pytest.CaptureFixture[str]
):
    assert typed("explain", "nonsense", "--url", "http://api", "--key", "x") == 4
    said = capsys.readouterr().err
    assert said == "trunkline: endpoint: No such number. (invalid_number)\n"
