"""What the pages say is what the code does: links, files, settings, codes, endpoints, commands."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from pydantic import SecretStr

from api.app import create_app
from api.field_errors import CODES
from cli.main import app as trunkline
from policy.call import CallStatus, Outcome
from policy.reasons import Reason, RefusalCode
from settings import PREFIX, Settings
from storage.events import EventType

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
OPERATIONS = ROOT / "docs" / "operations.md"
POLICY = ROOT / "docs" / "policy.md"
API = ROOT / "docs" / "api.md"
JOURNEYS = ROOT / "docs" / "journeys.md"
DECISIONS = ROOT / "docs" / "decisions"

#: Read by `load_settings` itself, so no field of Settings.
ENV_FILE = f"{PREFIX}ENV_FILE"
#: Folders that only a checkout under way or a running stack has.
NOT_IN_THE_REPOSITORY = (".venv", ".trunkline")
FILE_ENDINGS = ("py", "md", "toml", "yml", "lock", "csv", "json", "example")
#: Files of a data directory, named by their bare names.
DATA_FILES = {"pids.json", "secrets.json", "ports.json"}

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


@each_page
def test_every_setting_that_is_named_exists(page: Path):
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {ENV_FILE}
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


def test_every_rule_and_its_confidence_is_listed():
    packs = (json.loads(path.read_text()) for path in (ROOT / "policy" / "rules").glob("*.json"))
    rules = {
        rule["id"]: rule["confidence"]
        for pack in packs
        if "rules" in pack
        for rule in pack["rules"]
    }
    listed = {name: cells[-1] for name, *cells in table_rows(section(POLICY, "Calling rules"))}
    assert listed == rules


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


def test_every_event_is_named():
    assert set(re.findall(r"`(call\.\w+)`", API.read_text())) == {kind.value for kind in EventType}


def test_the_endpoints_of_the_api_are_listed_and_no_others():
    routes = create_app(Settings()).openapi()["paths"]
    real = {(method.upper(), path) for path, methods in routes.items() for method in methods}
    listed = re.findall(r"^\| ([A-Z]+) \| `([^`]+)` \|", section(API, "Endpoints"), re.MULTILINE)
    assert set(listed) == real
    assert len(listed) == len(real)


@each_page
def test_every_make_target_that_is_named_exists(page: Path):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for span in spans(page) for name in re.findall(r"(?:^|\s)make ([a-z]+)", span)}
    assert named <= targets, named - targets


@each_page
def test_every_command_that_is_named_exists_with_its_options(page: Path):
    group = typer.main.get_group(trunkline)
    for span in spans(page):
        for command, rest in re.findall(r"(?:^|/|\s)trunkline ([a-z]+)([^#|;]*)", span):
            assert command in group.commands, command
            known = {option for p in group.commands[command].params for option in p.opts}
            assert set(re.findall(r"--[a-z-]+", rest)) <= known, span


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
