"""The pages of compliance offer what the key may do, and refuse the rest by the scope's name."""

import pytest

from tests.api.world import ENDPOINT
from tests.dashboard.browser import HOME, Browser, read

READERS = ["suppressions:read", "consents:read", "compliance:read"]


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/do-not-call/import", "suppressions:write"),
        ("/compliance/registries/import", "suppressions:write"),
        ("/compliance/consents/new", "consents:write"),
        ("/compliance/consents/import", "consents:write"),
        ("/compliance/own/new", "compliance:write"),
        ("/compliance/waivers/new", "compliance:write"),
    ],
)
async def test_who_may_only_read_is_refused_and_told_the_scope(
    browser: Browser, path: str, scope: str
):
    await browser.sign_in_with(READERS)
    assert f"lacks the scope {scope}" in await browser.page(HOME + path, 403)
    answer = await browser.send(HOME + path, 403)
    assert f"lacks the scope {scope}" in read(answer.text)


async def test_who_may_only_read_sees_no_button(browser: Browser):
    await browser.world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    storm = {"kind": "blackout", "jurisdiction": "*", "startsAt": "2027-08-28T00:00:00Z"}
    await browser.world.post("/api/v1/compliance/overlays", storm)
    await browser.sign_in_with(READERS)
    for path in ("/do-not-call", "/compliance/registries", "/compliance/consents"):
        page = await browser.page(HOME + path)
        for word in ("Import a", "Import…", "Record a consent", "Put it on the list", "Lift…"):
            assert word not in page, path
    for path in ("/compliance/own", "/compliance/waivers", "/compliance/rules"):
        page = await browser.page(HOME + path)
        for word in ("New blackout", "End…", "New waiver", "waive…"):
            assert word not in page, path


@pytest.mark.parametrize(
    ("scopes", "first"),
    [
        (["suppressions:read"], "/do-not-call"),
        (["consents:read"], "/compliance/consents"),
        (["compliance:read"], "/compliance/rules"),
    ],
)
async def test_the_section_begins_with_what_the_key_may_see(
    browser: Browser, scopes: list[str], first: str
):
    await browser.sign_in_with(scopes)
    answer = await browser.get(f"{HOME}/compliance")
    assert answer.headers["location"] == HOME + first
    assert (await browser.get(HOME + first)).status_code == 200


async def test_agents_are_named_to_those_only_who_may_see_them(browser: Browser):
    await browser.world.agent(name="Blue Clinic")
    await browser.sign_in_with([*READERS, "suppressions:write", "consents:write"])
    for path in ("/do-not-call", "/compliance/consents/new"):
        assert "Blue Clinic" not in await browser.page(HOME + path)
    browser.http.cookies.clear()
    await browser.sign_in()
    for path in ("/do-not-call", "/compliance/consents/new"):
        assert "calls by Blue Clinic" in await browser.page(HOME + path)
