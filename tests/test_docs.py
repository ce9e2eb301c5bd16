"""What the pages say is what the code does: links, files, settings, codes, endpoints, commands."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.core import TyperGroup

from api.analytics.schemas import NumbersView
from api.app import create_app
from api.compliance.overlay_service import rule_of
from api.events.schemas import EventPayload
from api.http.problems import CODES
from cli.deferred_command import DeferredCommand
from cli.errors import Unusable
from cli.main import trunkline
from cli.remote.profiles import KEY, URL
from policy.calls.decide import decide
from policy.compliance.disclosures import ORDER
from policy.facts import Facts
from policy.model.call import CallStatus, EndpointKind, Outcome
from policy.model.person import Consent, PastDial, Person, Scope
from policy.model.purposes import ConsentTier, Purpose, Voice
from policy.model.reasons import Reason, RefusalCode
from policy.rules import STANDARD
from policy.rules.loader import load_overlays
from policy.rules.model import KINDS, RegistryRule
from policy.webhooks.retry_schedule import RETRIES
from secret_files import SUFFIX
from settings import PREFIX, Settings
from storage.analytics.analytics import GroupBy
from storage.events.event_log import EventType
from tools import cli_page

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
OPERATIONS = ROOT / "docs" / "operations.md"
POLICY = ROOT / "docs" / "policy.md"
API = ROOT / "docs" / "api.md"
JOURNEYS = ROOT / "docs" / "journeys.md"
WEBHOOKS = ROOT / "docs" / "webhooks.md"
CLI = ROOT / "docs" / "cli.md"
ANALYTICS = ROOT / "docs" / "analytics.md"
DECISIONS = ROOT / "docs" / "decisions"

#: Read by `load_settings` itself, so no field of Settings.
ENV_FILE = f"{PREFIX}ENV_FILE"
#: Read by Compose alone.
OF_COMPOSE = {f"{PREFIX}SECRETS", f"{PREFIX}WORKER_REPLICAS"}
#: Folders that only a checkout under way or a running stack has.
NOT_IN_THE_REPOSITORY = (".venv", ".trunkline")
FILE_ENDINGS = ("py", "md", "toml", "yml", "lock", "csv", "json", "example")
#: Files of a data directory or of dist/, named by their bare names.
DATA_FILES = {"pids.json", "secrets.json", "ports.json", "sbom.cdx.json", "licences.md"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page: Path, language: str) -> list[str]:
    """The fenced code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def prose(page: Path) -> str:
    """The page without its fenced code blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def spans(page: Path) -> list[str]:
    """What stands between backticks, and the lines of shell blocks."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    return re.findall(r"`([^`\n]+)`", prose(page)) + lines


def section(page: Path, heading: str) -> str:
    """The text under a heading, up to the next one of its level."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page.read_text(), re.DOTALL | re.M)
    assert found is not None, f"{page} has no section {heading}"
    return found[1]


def table_rows(text: str) -> Iterator[list[str]]:
    """The cells of every table row that begins with something in backticks."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| `"):
            yield [cells[0].strip("`"), *cells[1:]]


def anchors(page: Path) -> set[str]:
    """The headings as GitHub links to them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_every_link_leads_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@each_page
def test_every_file_that_is_named_exists(page: Path):
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    for span in spans(page):
        for word in re.findall(r"(?<![\w/.@-])\.?[A-Za-z][\w.*-]*(?:/[\w.*-]+)*/?", span):
            path = word.rstrip(".,:")
            first = path.split("/")[0]
            if first in NOT_IN_THE_REPOSITORY or path in DATA_FILES:
                continue
            is_path = "/" in path and first in folders
            is_file = "/" not in path and path.rpartition(".")[2] in FILE_ENDINGS and "." in path
            if is_path or is_file:
                assert list(ROOT.glob(path.rstrip("/"))), path


#: A file, and in brackets what of it is meant.
NAMES_IN_FILE = re.compile(r"`([\w/]+\.py)`\s\(((?:`[\w.]+`(?:, )?)+)\)")


@each_page
def test_every_name_that_is_said_to_be_in_a_file_is_there(page: Path):
    for file, names in NAMES_IN_FILE.findall(prose(page)):
        source = (ROOT / file).read_text()
        for name in re.findall(r"`(?:\w+\.)?(\w+)`", names):
            assert re.search(rf"^\s*(?:async )?(?:def |class )?{name}\b", source, re.M), name


@each_page
def test_every_setting_that_is_named_exists(page: Path):
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    known = settings | {name + SUFFIX for name in settings} | {ENV_FILE, URL, KEY} | OF_COMPOSE
    named = set(re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]\b(?!\*)", page.read_text()))
    assert named <= known, named - known


def test_operations_lists_every_setting_with_its_default():
    listed = {
        name: cells[0].strip("`")
        for name, *cells in table_rows(section(OPERATIONS, "Settings"))
        if cells[1]
    }
    assert listed == {
        PREFIX + name.upper(): shown(field.default) for name, field in Settings.model_fields.items()
    }


def shown(default: object) -> str:
    """A default as the table has it."""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return str(default).lower() if isinstance(default, bool) else str(default)


def codes(page: Path, heading: str) -> list[str]:
    return [cells[0] for cells in table_rows(section(page, heading))]


def test_every_reason_of_policy_is_explained():
    assert sorted(codes(POLICY, "Reasons")) == sorted(reason.value for reason in Reason)


def test_every_refusal_of_policy_is_explained():
    assert sorted(codes(POLICY, "Refusals")) == sorted(code.value for code in RefusalCode)


#: What begins like a rule of the packs is one, or a registry that one names.
RULE_ID = re.compile(r"(?:default|us|ca|eu|fr|de|es|it|gb|au|in)(?:\.[a-z_]+)+")
REGISTRIES = {rule.registry: rule for rule in STANDARD.rules if isinstance(rule, RegistryRule)}


@each_page
def test_every_rule_that_is_named_exists(page: Path):
    named = {span for span in spans(page) if RULE_ID.fullmatch(span)}
    assert {name for name in named if STANDARD.rule(name) is None} <= set(REGISTRIES)


def test_every_kind_of_rule_is_explained():
    assert codes(POLICY, "Calling rules") == list(KINDS)


def test_every_registry_is_listed_with_its_rule_and_its_age():
    listed = {
        name: (cells[0].strip("`"), int(cells[1].split()[0]))
        for name, *cells in table_rows(section(POLICY, "Registries"))
    }
    assert listed == {name: (rule.id, rule.max_age.days) for name, rule in REGISTRIES.items()}


def test_every_notice_purpose_and_voice_is_named():
    said = [name for name in codes(POLICY, "What is said first") if name in set(ORDER)]
    assert said == [notice.value for notice in ORDER]
    named = set(re.findall(r"`(\w+)`", section(POLICY, "Purpose, voice and subject")))
    assert {purpose.value for purpose in Purpose} | {voice.value for voice in Voice} <= named


def test_every_word_of_a_verdict_is_explained():
    source = (ROOT / "policy" / "compliance" / "evidence.py").read_text()
    words = set(re.findall(r'\("(\w+)"', source))
    assert words <= set(re.findall(r"`(\w+)`", section(POLICY, "Evidence")))


def test_the_rules_of_your_own_can_be_used_as_they_stand(tmp_path: Path):
    overlay, pack = blocks(POLICY, "json")[:2]
    assert rule_of(json.loads(overlay), datetime(2026, 11, 25, tzinfo=UTC)).id == "own.storm"
    (tmp_path / "acme.json").write_text(pack)
    assert len(STANDARD.with_rules(load_overlays(tmp_path)).rules) == len(STANDARD.rules) + 2


def examples() -> list[tuple[str, str]]:
    """What is asked with `trunkline rules explain`, and the first line of what it says."""
    text = "\n".join(blocks(POLICY, "text"))
    return re.findall(r"^\$ trunkline rules explain (.+)\n(.+)$", text, re.MULTILINE)


@pytest.mark.parametrize(("asked", "said"), examples())
def test_the_worked_examples_are_what_policy_says(asked: str, said: str):
    endpoint, *words = asked.split()
    options = dict(zip(words[::2], words[1::2], strict=True))
    granted = datetime(2026, 11, 25, tzinfo=UTC)
    consent = Consent("1", ConsentTier.EXPRESS, Scope(), granted)
    noon = datetime(2026, 11, 25, 17, 0, 12, 426414, tzinfo=UTC)
    dials = [PastDial("1", n, noon + n * timedelta(seconds=6)) for n in range(3)]
    facts = Facts(
        endpoint,
        EndpointKind.PHONE,
        agent_enabled=True,
        agent_zone="America/New_York",
        recipient_zone=options.get("--timezone"),
        purpose=Purpose(options.get("--purpose", "reminder")),
        person=Person(
            consents=(consent,) if endpoint.startswith("+1") else (),
            dials=tuple(dials) if endpoint.endswith("0162") else (),
        ),
    )
    decision = decide(facts, datetime.fromisoformat(options["--at"]))
    assert said.split(": ", 1)[1] == f"{decision.detail} ({decision.reason})"


def test_every_scope_is_named():
    routes = (ROOT / "api").rglob("*routes.py")
    asked = {name for path in routes for name in re.findall(r'requires\("(\w+):', path.read_text())}
    assert asked
    assert asked <= set(re.findall(r"`(\w+)(?::\w+)?`", section(API, "Keys")))


def test_every_code_the_api_answers_with_is_explained():
    source = "\n".join(path.read_text() for path in (ROOT / "api").rglob("*.py"))
    raised = set(re.findall(r'(?:invalid|conflict)\(\s*"(\w+)"', source))
    raised |= set(re.findall(r'Problem\(\s*\d{3},\s*"(\w+)"', source))
    raised -= {code.value for code in RefusalCode}
    listed = set(re.findall(r"^\| \d{3} \| `(\w+)` \|", section(API, "Errors"), re.MULTILINE))
    assert raised <= listed, raised - listed


def test_every_outcome_and_status_is_explained():
    named = set(re.findall(r"`(\w+)`", section(JOURNEYS, "The parts")))
    assert {outcome.value for outcome in Outcome} <= named
    assert {status.value for status in CallStatus} <= named


def test_every_event_of_a_call_is_named():
    of_calls = {kind.value for kind in EventType if kind.value.startswith("call.")}
    assert set(re.findall(r"`(call\.\w+)`", section(API, "A call"))) == of_calls


def test_every_event_is_explained():
    assert sorted(codes(WEBHOOKS, "Events")) == sorted(kind.value for kind in EventType)


def test_every_figure_of_analytics_is_defined_and_every_group_explained():
    defined = {name.split(".")[0] for name in codes(ANALYTICS, "Definitions")}
    assert defined == {field.alias for field in NumbersView.model_fields.values()}
    listed = re.findall(r"`(\w+)`", " ".join(spans_of_first_cells(section(ANALYTICS, "Groups"))))
    assert set(listed) >= {by.value for by in GroupBy}


def spans_of_first_cells(text: str) -> Iterator[str]:
    return (line.split(" | ")[0] for line in text.splitlines() if line.startswith("| `"))


def test_the_event_that_is_shown_has_every_field():
    shown = json.loads(blocks(WEBHOOKS, "json")[0])
    assert list(shown) == [field.alias for field in EventPayload.model_fields.values()]
    EventPayload.model_validate(shown)


def test_the_retry_plan_is_that_of_policy():
    units = {"second": "seconds", "minute": "minutes", "hour": "hours"}
    rows = re.findall(r"^\| (\d) \| (\d+) (\w+?)s? \|$", section(WEBHOOKS, "When it fails"), re.M)
    waits = [timedelta(**{units[unit]: int(number)}) for _, number, unit in rows]
    assert tuple(waits) == RETRIES
    assert [int(number) for number, *_ in rows] == list(range(2, len(RETRIES) + 2))


def test_the_endpoints_of_the_api_are_listed_and_no_others():
    routes = create_app(Settings()).openapi()["paths"]
    real = {(method.upper(), path) for path, methods in routes.items() for method in methods}
    listed = re.findall(r"^\| ([A-Z]+) \| `([^`]+)` \|", section(API, "Endpoints"), re.MULTILINE)
    assert set(listed) == real
    assert len(listed) == len(real)


@each_page
def test_every_make_target_that_is_named_exists(page: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for span in spans(page) for name in re.findall(r"(?:^|\s)make ([a-z-]+)", span)}
    assert named <= targets, named - targets


@each_page
def test_every_command_that_is_named_exists_with_its_options(page: Path):
    for span in (*spans(page), *prompts(page)):
        for words in re.findall(r"(?:^|/|\s)trunkline ([a-z][^#|;]*)", span):
            command: Any = trunkline()
            for word in words.split():
                if not isinstance(command, TyperGroup):
                    break
                assert word in command.commands, span
                command = command.commands[word]
                if isinstance(command, DeferredCommand):
                    command = command.loaded()
            known = {option for p in command.params for option in p.opts}
            assert set(re.findall(r"--[a-z-]+", words)) <= known, span


def test_the_page_of_the_command_line_lists_what_each_command_takes():
    """If not: python -m tools.cli_page"""
    assert cli_page.PAGE.read_text() == cli_page.page(cli_page.PAGE.read_text())


def test_every_exit_code_is_explained():
    kinds: list[type[Unusable]] = [Unusable, *Unusable.__subclasses__()]
    codes_of = {kind.exit_code for kind in kinds}
    assert set(map(int, codes(CLI, "Exit codes"))) == {0, 130} | codes_of


def prompts(page: Path) -> list[str]:
    """What is typed in blocks that also show what was answered."""
    return re.findall(r"^\$ (.+)$", "\n".join(blocks(page, "text")), re.MULTILINE)


def test_the_command_is_installed_under_the_name_the_pages_use():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(project["scripts"]) == {"trunkline"}
    assert project["version"] in (ROOT / "CHANGELOG.md").read_text()


@each_page
def test_every_json_block_parses(page: Path):
    for block in blocks(page, "json"):
        json.loads(block)


@each_page
def test_every_body_sent_with_curl_is_json(page: Path):
    for block in blocks(page, "sh"):
        for body in re.findall(r"-d '(\{.*?\})'(?=[\s|)]|$)", block, re.DOTALL):
            json.loads(re.sub(r"'\$\w+'", "", body))


def test_every_decision_is_in_the_index_and_says_where_it_stands():
    pages = sorted(path for path in DECISIONS.glob("0*.md"))
    index = (DECISIONS / "README.md").read_text()
    for path in pages:
        title = path.read_text().splitlines()[0].removeprefix(f"# {path.name[:4]}: ")
        assert f"| [{path.name[:4]}]({path.name}) | {title} |" in index
        for heading in ("Context", "Decision", "Consequences", "In the code"):
            assert section(path, heading).strip()
    assert [path.name[:4] for path in pages] == [f"{n:04}" for n in range(1, len(pages) + 1)]


@each_page
def test_phone_numbers_are_fictional(page: Path):
    for digits in re.findall(r"\+1[ ()\d-]{10,16}", page.read_text()):
        assert re.fullmatch(r"1\d{3}55501\d\d", re.sub(r"\D", "", digits)), digits


@each_page
def test_every_shell_block_is_plain_posix(page: Path):
    for block in blocks(page, "sh"):
        checked = subprocess.run(["sh", "-n"], input=block, text=True, capture_output=True)
        assert checked.returncode == 0, checked.stderr
        assert "${@:" not in block
        assert "[[" not in block


def test_every_code_a_field_can_be_refused_with_is_explained():
    listed = set(re.findall(r"^\| \d{3} \| `(\w+)` \|", section(API, "Errors"), re.MULTILINE))
    assert set(CODES) <= listed


def test_no_page_says_that_there_is_a_default_for_voicemail():
    text = JOURNEYS.read_text() + API.read_text()
    assert "`hang_up` (default)" not in text
    assert "then `hang_up`" not in text
    assert "`null`" in section(JOURNEYS, "Voicemail")
