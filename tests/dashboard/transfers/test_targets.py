"""Transfer targets on pages: made, refused at the field, changed, deleted, without a script."""

from typing import Any

from tests.dashboard.browser import HOME, Browser

HERE = f"{HOME}/pathways/transfers"
SALES: dict[str, Any] = {
    "name": "sales",
    "endpoint": "+1 212 555 0140",
    "timezone": "America/New_York",
    "when": "hours",
    "hours_mon": "9-17",
    "ring_seconds": "25",
    "whisper": "About {{product}}.",
    "needs_key": "yes",
    "warm": "yes",
    "introduction": "Here is sales.",
    "hold_text": "We ask a colleague.",
    "hold_music": "https://cdn.example.com/hold.mp3",
}


async def test_a_target_is_made_changed_and_deleted(browser: Browser):
    await browser.sign_in()
    assert "No targets yet" in await browser.page(HERE)
    shown = await browser.follow(await browser.send(f"{HERE}/new", **SALES))
    assert "The target is saved." in shown
    assert "+12125550140" in shown
    assert "now Mon 09:00–17:00 (America/New York)" in shown
    (target,) = (await browser.world.http.get("/api/v1/transfer-targets")).json()["targets"]
    assert (target["ringSeconds"], target["needsKey"], target["warm"]) == (25, True, True)
    assert target["introduction"] == SALES["introduction"]
    assert target["holdMusic"] == SALES["hold_music"]
    assert "warm, taken with 1" in shown
    here = f"{HERE}/{target['targetId']}"
    assert 'value="09:00-17:00"' in await browser.html(here)
    always = {**SALES, "when": "always", "needs_key": ""}
    assert "now at any time" in await browser.follow(await browser.send(here, **always))
    gone = await browser.follow(await browser.send(f"{here}/delete"))
    assert "No targets yet" in gone


async def test_what_is_wrong_stands_at_its_field_and_nothing_is_made(browser: Browser):
    await browser.sign_in()
    for field, said in (
        ("name", "Sales!"),
        ("endpoint", "911"),
        ("endpoint", "+19002345678"),
        ("hours_mon", "at noon"),
        ("ring_seconds", "600"),
        ("whisper", "{{"),
        ("introduction", "{{"),
        ("hold_text", "{{"),
        ("hold_music", "http://cdn.example.com/hold.mp3"),
    ):
        answer = await browser.send(f"{HERE}/new", 422, **{**SALES, field: said})
        assert f'id="{field}-error"' in answer.text, (field, said)
    assert "No targets yet" in await browser.page(HERE)


async def test_a_name_is_taken_once(browser: Browser):
    await browser.sign_in()
    await browser.send(f"{HERE}/new", **SALES)
    answer = await browser.send(f"{HERE}/new", 422, **SALES)
    assert "Another target has this name." in answer.text


async def test_who_may_only_look_is_offered_no_change(browser: Browser):
    target = {"name": "sales", "endpoint": "+12125550140"}
    await browser.world.post("/api/v1/transfer-targets", target)
    await browser.sign_in_with(["pathways:read"])
    page = await browser.html(HERE)
    assert "sales" in page
    assert "New target" not in page
    # What became of transfers is for those who may see calls.
    assert "Asked for" not in page
