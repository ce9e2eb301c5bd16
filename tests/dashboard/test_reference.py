"""/docs and the icon: files of ours, and no other host."""

import re

from dashboard.renderer import static_files
from tests.dashboard.browser import Browser

_ELSEWHERE = re.compile(r'(?:src|href)="(?!/)[^"#]')


async def test_the_reference_of_the_api_needs_no_other_host(browser: Browser):
    answer = await browser.get("/docs")
    assert answer.status_code == 200
    assert _ELSEWHERE.findall(answer.text) == []
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    for path in re.findall(r'(?:src|href)="(/dashboard/static/[^"]+)"', answer.text):
        assert (await browser.get(path)).status_code == 200, path
    assert (await browser.get("/openapi.json")).status_code == 200


async def test_no_other_page_about_the_api_loads_scripts_from_elsewhere(browser: Browser):
    assert (await browser.get("/redoc")).status_code == 404


async def test_browsers_that_were_told_nothing_find_the_icon(browser: Browser):
    answer = await browser.get("/favicon.ico")
    assert answer.status_code == 307
    assert (await browser.get(answer.headers["location"])).status_code == 200


async def test_files_of_others_come_with_their_licenses(browser: Browser):
    names = {name.rpartition("-")[0] for name in static_files()}
    assert {"htmx", "swagger", "htmx.LICENSE", "swagger.LICENSE", "swagger.NOTICE"} <= names
