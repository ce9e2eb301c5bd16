"""What a number does: its script, or its row in the table."""

import re
from pathlib import Path

import pytest

import simulator as package
from simulator.state.scripts import NUMBER_TABLE
from tests.simulator.harness import SPEED, Application, Simulator

ASK = '<Response><Gather numDigits="1" input="dtmf speech"><Say>Yes?</Say></Gather></Response>'


def number(last_two: str) -> str:
    return f"+120255501{last_two}"


@pytest.fixture
async def voice(application: Application) -> str:
    application.documents["/voice"] = ASK.replace("<Gather", '<Gather action="/answer"')
    application.documents["/answer"] = "<Response><Hangup/></Response>"
    return f"{application.root}/voice"


def test_the_readme_shows_the_table_as_it_is():
    readme = (Path(package.__file__).parent / "README.md").read_text()
    rows = re.findall(r"^\| …01(\d\d) \| (.+?) \|$", readme, re.MULTILINE)
    assert dict(rows) == {digits: meaning for digits, (meaning, _) in NUMBER_TABLE.items()}


@pytest.mark.parametrize(
    ("last_two", "statuses"),
    [
        ("00", ["completed", "completed"]),
        ("59", ["completed"]),
        ("60", ["busy", "busy"]),
        ("61", ["busy", "completed", "completed"]),
        ("62", ["no-answer"]),
        ("63", ["no-answer", "completed"]),
        ("64", ["completed"]),
        ("66", ["failed", "failed"]),
        ("67", ["failed", "completed"]),
        ("72", ["completed"]),
    ],
)
async def test_attempts_end_as_the_table_says(
    simulator: Simulator, voice: str, last_two: str, statuses: list[str]
):
    for expected in statuses:
        call = await simulator.run(number(last_two), Url=voice, Timeout="10")
        assert call["status"] == expected


@pytest.mark.parametrize(
    ("last_two", "given"),
    [
        ("00", {"Digits": "1"}),
        ("69", {"Digits": "2"}),
        ("70", {"Digits": "9"}),
        ("71", {"SpeechResult": "yes", "Confidence": "0.95"}),
        ("77", {"Digits": "1"}),
    ],
)
async def test_humans_answer_the_question_as_the_table_says(
    application: Application,
    simulator: Simulator,
    voice: str,
    last_two: str,
    given: dict[str, str],
):
    await simulator.run(number(last_two), Url=voice)
    (hit,) = application.at("/answer")
    assert given.items() <= hit.fields.items()


async def test_a_silent_human_gives_no_input(
    application: Application, simulator: Simulator, voice: str
):
    call = await simulator.run(number("73"), Url=voice)
    assert application.at("/answer") == []
    assert call["status"] == "completed"


async def test_a_machine_answers_first_and_a_human_then(simulator: Simulator):
    amd = {"MachineDetection": "Enable", "AsyncAmd": "true"}
    wait = '<Response><Pause length="5"/></Response>'
    verdicts = [
        (await simulator.run(number("65"), Twiml=wait, **amd))["answeredBy"] for _ in range(2)
    ]
    assert verdicts == ["machine_start", "human"]


@pytest.mark.parametrize(("last_two", "code"), [("68", 21211), ("76", 21215)])
async def test_refused_numbers_make_no_call(simulator: Simulator, last_two: str, code: int):
    refused = await simulator.create(number(last_two))
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert await simulator.ledger() == []


async def test_a_long_talk_lasts_30_seconds(simulator: Simulator):
    stream = '<Response><Connect><Stream url="wss://example.com/"/></Connect></Response>'
    call = await simulator.run(number("77"), Twiml=stream)
    assert 30 <= call["duration"] <= 60


async def test_a_script_gives_one_entry_an_attempt_and_the_last_repeats(simulator: Simulator):
    to = "+14155552671"
    answer = {"answer": {"after": 0.1, "talk": 1}}
    await simulator.script(to, "busy", "no-answer", "canceled", "failed", answer)
    statuses = [(await simulator.run(to, Timeout="5"))["status"] for _ in range(6)]
    assert statuses == ["busy", "no-answer", "canceled", "failed", "completed", "completed"]


async def test_a_scripted_invalid_uses_up_its_entry(simulator: Simulator):
    to = "+14155552671"
    await simulator.script(to, "invalid", "busy")
    assert (await simulator.create(to)).json()["code"] == 21211
    assert (await simulator.run(to))["status"] == "busy"
    assert len(await simulator.ledger(to)) == 1


async def test_an_answer_later_than_the_timeout_is_no_answer(simulator: Simulator):
    to = "+14155552671"
    await simulator.script(to, {"answer": {"after": 20}})
    assert (await simulator.run(to, Timeout="10"))["status"] == "no-answer"


async def test_a_bad_script_is_refused(simulator: Simulator):
    for script in (["perhaps"], [{"answer": {"color": "red"}}], "busy"):
        answer = await simulator.put("numbers/+14155552671", {"script": script})
        assert answer.status_code == 422


async def test_reset_forgets_calls_scripts_and_faults_but_not_the_speed(simulator: Simulator):
    to = "+14155552671"
    await simulator.script(to, "busy")
    await simulator.faults(create=[{"mode": "429"}])
    await simulator.http.post(f"{simulator.root}/_sim/reset")
    assert (await simulator.run(to))["status"] == "completed"
    health = (await simulator.http.get(f"{simulator.root}/_sim/health")).json()
    assert (health["calls"], health["speed"]) == (1, SPEED)
