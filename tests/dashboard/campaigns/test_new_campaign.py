"""A campaign out of a file: its columns guessed or asked, its rows loaded, what is wrong said."""

import pytest

from tests.api.files.test_uploads import workbook
from tests.api.world import World
from tests.dashboard.browser import Browser, read
from tests.dashboard.campaigns.pages import NEW, TWO_PEOPLE, contacts, kept, loaded, sent

TWO_NUMBERS = "Name,Cell,Mobile\nAda,(212) 555-0123,(212) 555-0223\nBob,(212) 555-0124,\n"


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


async def total(world: World) -> int:
    return int((await world.http.get("/api/v1/campaigns")).json()["total"])


async def test_without_an_agent_one_is_told_to_make_one_first(browser: Browser):
    assert "First, an agent" in await browser.page(NEW)


async def test_the_columns_of_a_file_are_shown_with_samples_and_a_guess(browser: Browser):
    await browser.world.agent()
    answer = await sent(browser, "List of May\n\n" + TWO_PEOPLE)
    page = read(answer.text)
    assert "2 rows in list.csv , named in row 3" in page
    assert "(212) 555-0123 · (212) 555-0124" in page
    assert "100 % of its cells can be read as numbers; guessed" in page
    assert '<option value="fills:name" selected>' in answer.text
    assert "guessed by its name" in page
    assert await total(browser.world) == 0


async def test_a_file_is_loaded_as_its_columns_were_settled(browser: Browser):
    await browser.world.agent()
    page = (await sent(browser, TWO_PEOPLE)).text
    fields = kept(page)
    choices = {"column.0": "kept", "column.1": "phone", "column.2": "fills:name"}
    answer = await browser.send(NEW, 303, step="load", name="", country="US", **fields, **choices)
    path = answer.headers["location"]
    first, second = await contacts(browser.world, path)
    assert (first["endpoint"], first["context"]["name"]) == ("+12125550123", "Paris")
    assert (second["endpoint"], second["context"]["Full Name"]) == ("+12125550124", "Bob")
    said = await browser.follow(answer)
    assert "list Draft" in said
    assert "2 good, to be called once it is started" in said


async def test_with_scripts_the_browser_keeps_the_file_and_the_page_does_not(browser: Browser):
    await browser.world.agent()
    answer = await sent(browser, TWO_PEOPLE, NEW, 200, "list.csv", {"HX-Request": "true"})
    assert 'name="kept"' not in answer.text
    assert 'name="seen"' in answer.text


async def test_which_of_two_columns_has_the_numbers_is_asked(browser: Browser):
    await browser.world.agent()
    question = "Several columns could be the phone number: Cell, Mobile. Choose one."
    assert question in read((await sent(browser, TWO_NUMBERS)).text)
    refused = await sent(browser, TWO_NUMBERS, NEW, 422, step="load")
    said = read(refused.text)
    assert said.count(question) == 2
    assert "100 % of its cells could be numbers" in said
    assert await total(browser.world) == 0
    fields = kept(refused.text)
    chosen = {"column.1": "kept", "column.2": "phone"}
    answer = await browser.send(NEW, 303, step="load", country="US", **fields, **chosen)
    [first, *_] = await contacts(browser.world, answer.headers["location"])
    assert first["endpoint"] == "+12125550223"


async def test_two_columns_cannot_both_be_the_number(browser: Browser):
    await browser.world.agent()
    fields = kept((await sent(browser, TWO_NUMBERS)).text)
    chosen = {"column.1": "phone", "column.2": "phone"}
    refused = await browser.send(NEW, 422, step="load", country="US", **fields, **chosen)
    assert "Only one column can be the phone number." in read(refused.text)
    assert refused.text.count('<option value="phone" selected>') == 2


async def test_what_was_said_of_one_file_does_not_hold_for_another(browser: Browser):
    await browser.world.agent()
    seen = kept((await sent(browser, TWO_NUMBERS)).text)["seen"]
    other = {"seen": seen, "column.0": "phone", "column.1": "kept"}
    answer = await sent(browser, TWO_PEOPLE, NEW, 200, **other)
    assert "guessed, change it if it is another" in read(answer.text)


async def test_a_file_that_came_before_its_agent_is_read_by_what_that_agent_says(browser: Browser):
    chosen, _ = await browser.world.agent(), await browser.world.agent()
    fields = kept((await sent(browser, TWO_PEOPLE)).text)
    fields |= {"column.0": "kept", "column.1": "phone", "column.2": "kept"}
    page = await browser.send(NEW, 200, step="columns", country="US", agent=chosen, **fields)
    assert '<option value="fills:name" selected>' in page.text
    # Once it was asked, what is kept is kept.
    fields["seen"] = kept(page.text)["seen"]
    page = await browser.send(NEW, 200, step="columns", country="US", agent=chosen, **fields)
    assert '<option value="fills:name" selected>' not in page.text


async def test_what_the_pathway_says_is_filled_by_a_column_or_for_all_calls(browser: Browser):
    world = browser.world
    node = {"kind": "hang_up", "text": "Hello from {{clinic}}."}
    definition = {"variables": ["clinic"], "start": "bye", "nodes": {"bye": node}}
    await world.agent(pathwayId=await world.pathway(definition=definition))
    refused = await sent(browser, TWO_PEOPLE, NEW, 422, step="load")
    assert "The pathway says clinic: choose a column" in read(refused.text)
    fields = kept(refused.text)
    constant = {"constant.clinic": "Blue"}
    answer = await browser.send(NEW, 303, step="load", country="US", **fields, **constant)
    assert "clinic Blue (for all calls)" in await browser.follow(answer)
    assert len(await contacts(world, answer.headers["location"])) == 2


async def test_a_form_that_is_sent_twice_makes_one_campaign(browser: Browser):
    await browser.world.agent()
    form = {"step": "load", "country": "US", **kept((await sent(browser, TWO_PEOPLE)).text)}
    first, second = [await browser.send(NEW, 303, **form) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert len(await contacts(browser.world, first.headers["location"])) == 2


async def test_a_mistake_keeps_what_was_typed(browser: Browser):
    world = browser.world
    await world.agent(name="Red")
    await world.agent(name="Blue")
    answer = await browser.send(NEW, 422, step="load", name="Spring <b>", agent="")
    page = read(answer.text)
    assert "Choose a file." in page
    assert "Choose who calls." in page
    assert 'value="Spring &lt;b&gt;"' in answer.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "Choose a file."),
        (b"PK\x03\x04 no workbook", "The file cannot be read"),
        ("\n\n", "The file has no rows."),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_at_its_field(
    browser: Browser, content: str | bytes, said: str
):
    await browser.world.agent()
    answer = await sent(browser, content, NEW, 422, step="load")
    assert said in read(answer.text.partition('id="columns"')[2])


async def test_a_large_file_may_be_dropped_but_does_not_travel_in_the_page(browser: Browser):
    await browser.world.agent()
    rows = "".join(f"+1212555{n:04},{'x' * 500}\n" for n in range(3000))
    answer = await sent(browser, "Phone,Notes\n" + rows)
    assert len(answer.content) < 100_000
    assert "Without scripts choose it once more" in read(answer.text)


async def test_a_workbook_is_a_file_too_and_travels_in_the_page(browser: Browser):
    await browser.world.agent()
    content = workbook([["Name", "Phone"], ["Ada", "+12125550123"]])
    fields = kept((await sent(browser, content, NEW, 200, "list.xlsx")).text)
    answer = await browser.send(NEW, 303, step="load", country="", **fields)
    [one] = await contacts(browser.world, answer.headers["location"])
    assert one["endpoint"] == "+12125550123"


async def test_who_may_only_look_gets_no_form(browser: Browser):
    await browser.world.agent()
    browser.http.cookies.clear()
    await browser.sign_in_with(["campaigns:read"])
    await browser.page(NEW, 403)
    assert "New campaign" not in await browser.page("/dashboard/campaigns")


async def test_no_number_of_a_file_is_in_a_log(browser: Browser, logged: list[object]):
    await browser.world.agent()
    await loaded(browser, TWO_PEOPLE)
    assert "555" not in str(logged)


async def test_another_pathway_asks_for_its_own_variables(browser: Browser):
    world = browser.world
    await world.agent()
    node = {"kind": "hang_up", "text": "Hello {{city|there}}."}
    definition = {"variables": ["city"], "start": "bye", "nodes": {"bye": node}}
    other = await world.pathway(definition=definition, name="other")
    fields = kept((await sent(browser, TWO_PEOPLE)).text)
    chosen = {"column.0": "fills:name", "column.1": "phone", "column.2": "kept"}
    answer = await browser.send(NEW, 200, step="columns", pathway=other, **fields, **chosen)
    assert 'value="fills:city"' in answer.text
    assert 'value="fills:name"' not in answer.text
    first = answer.text.partition('id="column.0"')[2].partition("</select>")[0]
    assert '<option value="kept" selected>' in first
