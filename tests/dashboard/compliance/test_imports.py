"""Files of numbers: read through, then imported; what is left out is said and can be saved."""

import re

import pytest

from tests.api.files.test_uploads import workbook
from tests.api.worker import Worker, get
from tests.api.world import World
from tests.dashboard.browser import HOME, Browser, read
from tests.dashboard.campaigns.pages import sent

LIST = f"{HOME}/do-not-call/import"
REGISTRY = f"{HOME}/compliance/registries/import"
CONSENTS = f"{HOME}/compliance/consents/import"
MESSY = (
    "Name,Phone,Note\nAda,(202) 555-0161,x\nBob,202-555-0162,y\nBob,202-555-0162,y\n"
    "Eve,nonsense,=1+1\nMo,,w\n"
)
_KEPT = re.compile(r'name="kept" value="([^"]+)"')


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.world.agent()
    await browser.sign_in()


async def listed(world: World) -> set[str]:
    found = await get(world, "suppressions")
    return {one["endpoint"] for one in found["suppressions"]}


async def test_a_file_is_read_through_and_nothing_is_imported(browser: Browser):
    page = read((await sent(browser, MESSY, LIST)).text)
    assert "5 rows in list.csv , named in row 1" in page
    assert "3 good, 1 of them a number that stands further up" in page
    assert "2 left out" in page
    assert "No phone number can be read. 2" in page
    assert "5 nonsense" in page
    assert "Put 3 rows on the list" in page
    assert await listed(browser.world) == set()


@pytest.mark.parametrize("kept", [True, False])
async def test_its_good_rows_are_imported_and_the_others_told_with_their_reasons(
    browser: Browser, kept: bool
):
    if kept:
        found = _KEPT.search((await sent(browser, MESSY, LIST)).text)
        assert found is not None
        form = {"step": "load", "kept": found[1], "kept_name": "list.csv", "country": "US"}
        answer = await browser.send(LIST, 200, **form)
    else:
        answer = await sent(browser, MESSY, LIST, step="load")
    page = read(answer.text)
    assert "3 rows have their numbers on the list now; 2 of the numbers are new there." in page
    assert "2 rows were left out." in page
    assert await listed(browser.world) == {"+12025550161", "+12025550162"}
    again = read((await sent(browser, MESSY, LIST, step="load")).text)
    assert "0 of the numbers are new there" in again


async def test_a_workbook_and_a_text_file_are_taken_as_well(browser: Browser):
    book = workbook([["Phone"], ["+12025550161"]])
    await sent(browser, book, LIST, 200, "list.xlsx", step="load")
    await sent(browser, "+12025550162\n+12025550163\n", LIST, 200, "list.txt", step="load")
    assert await listed(browser.world) == {"+12025550161", "+12025550162", "+12025550163"}


async def test_the_calls_that_wait_for_a_number_of_the_file_are_told(
    browser: Browser, worker: Worker
):
    stopped = await worker.sleeping(endpoint="+12025550161")
    await sent(browser, MESSY, LIST, step="load")
    assert browser.world.gateway.replanned == [stopped]


async def test_rejected_rows_are_saved_to_be_mended_and_sent_again(browser: Browser):
    answer = await sent(browser, MESSY, f"{LIST}/rejected.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = answer.text.splitlines()
    assert head == "row,code,field,message,endpoint,clientToken,timezone,Name,Note"
    assert rows[0].startswith("5,invalid_number,endpoint,")
    assert rows[0].endswith("nonsense,,,Eve,'=1+1")
    assert len(rows) == 2
    mended = answer.text.replace("nonsense", "(202) 555-0164")
    await sent(browser, mended, LIST, step="load")
    assert await listed(browser.world) == {"+12025550164"}


async def test_which_column_has_the_numbers_is_asked_where_two_may(browser: Browser):
    two = "Cell,Mobile\n(202) 555-0161,(202) 555-0162\n"
    page = read((await sent(browser, two, LIST)).text)
    assert "Which column has the numbers?" in page
    assert "on the list" not in page.partition("How the file reads")[2]
    await sent(browser, two, LIST, 422, step="load")
    await sent(browser, two, LIST, 200, step="load", phone="Mobile")
    assert await listed(browser.world) == {"+12025550162"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 no workbook", "The file cannot be read"),
        ("\n\n", "The file has no rows."),
        ("", "Choose a file."),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_at_its_field(
    browser: Browser, content: str | bytes, said: str
):
    answer = await sent(browser, content, LIST, 422, step="load")
    assert said in read(answer.text.partition('id="file-error"')[2])


async def test_a_registry_is_imported_with_the_time_of_its_state(browser: Browser):
    form = {"step": "load", "registry": "us.national_dnc", "scrubbed": "2026-11-20T09:00"}
    page = read((await sent(browser, MESSY, REGISTRY, 200, **form)).text)
    assert "us.national_dnc has 2 numbers now." in page
    [row] = (await get(browser.world, "suppressions/registries"))["registries"]
    assert (row["entries"], row["scrubbedTime"]) == (2, "2026-11-20T14:00:00Z")
    shown = await browser.page(f"{HOME}/compliance/registries")
    assert "us.national_dnc fresh until Mon 21 Dec, 09:00" in shown
    assert "gb.tps never imported" in shown


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"registry": "US DNC!"}, "registry"),
        ({"scrubbed": ""}, "scrubbed"),
        ({"scrubbed": "2026-11-24T09:00"}, "scrubbed"),
    ],
)
async def test_what_is_wrong_about_a_registry_is_told_at_its_field_and_nothing_is_imported(
    browser: Browser, said: dict[str, str], field: str
):
    form = {"step": "load", "registry": "us.dnc", "scrubbed": "2026-11-20T09:00", **said}
    answer = await sent(browser, MESSY, REGISTRY, 422, **form)
    assert f'id="{field}-error"' in answer.text
    assert f'value="{form["registry"]}"' in answer.text
    assert (await get(browser.world, "suppressions/registries"))["registries"] == []


async def test_a_registry_without_a_number_is_refused_unless_it_is_meant(browser: Browser):
    form = {"step": "load", "registry": "us.dnc", "scrubbed": "2026-11-20T09:00"}
    refused = await sent(browser, "phone\nx\n", REGISTRY, 422, **form, phone="phone")
    assert "has no number that can be called" in read(refused.text)
    await sent(browser, "phone\nx\n", REGISTRY, 200, **form, phone="phone", empty="yes")
    assert (await get(browser.world, "suppressions/registries"))["registries"][0]["entries"] == 0


async def test_consents_of_a_file_are_recorded_once_however_often_the_form_is_sent(
    browser: Browser,
):
    file = (
        "phone,granted,evidence\n(202) 555-0161,2026-11-01T10:00:00Z,form 1\n"
        "(202) 555-0162,2027-01-01,form 2\n(202) 555-0163 ext. 9,,\n"
    )
    looked = read((await sent(browser, file, CONSENTS)).text)
    assert "Record 1 consent" in looked
    assert "The time in granted is no past time." in looked
    form = {"step": "load", "tier": "written", "method": "web form", "key": "once"}
    for _ in range(2):
        page = read((await sent(browser, file, CONSENTS, 200, **form)).text)
        assert "1 consent is on record." in page
    found = await get(browser.world, "consents")
    assert found["total"] == 1
    assert found["consents"][0]["grantedTime"] == "2026-11-01T10:00:00Z"
    assert found["consents"][0]["evidence"] == "form 1"
    await sent(browser, file, CONSENTS, 200, **{**form, "key": "another"})
    assert (await get(browser.world, "consents"))["total"] == 2


async def test_a_number_that_says_the_same_twice_has_agreed_once(browser: Browser):
    rows = ("(202) 555-0161,2026-11-01,form 1", "+1 202 555 0161,2026-11-01,form 1")
    other = "(202) 555-0161,2026-11-02,form 7"
    file = "\n".join(("phone,granted,evidence", *rows, other))
    looked = read((await sent(browser, file, CONSENTS)).text)
    assert "Record 2 consents" in looked
    assert "Row 2 says the same of this number." in looked
    form = {"step": "load", "tier": "written", "method": "web form"}
    done = read((await sent(browser, file, CONSENTS, 200, **form)).text)
    assert "2 consents are on record. 1 row was left out." in done
    found = (await get(browser.world, "consents"))["consents"]
    assert sorted(one["evidence"] for one in found) == ["form 1", "form 7"]
    saved = await sent(browser, file, f"{CONSENTS}/rejected.csv")
    assert saved.text.count("duplicate") == 1


async def test_consents_of_a_file_need_a_tier_and_a_method(browser: Browser):
    answer = await sent(browser, MESSY, CONSENTS, 422, step="load", tier="", method="web form")
    assert 'id="tier-error"' in answer.text
    assert 'value="web form"' in answer.text
    await sent(browser, MESSY, CONSENTS, 422, step="load", tier="written", method="")
    assert (await get(browser.world, "consents"))["total"] == 0
