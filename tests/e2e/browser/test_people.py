"""Somebody is invited, comes in, does what their role may and nothing else, and is deleted."""

import pytest

from tests.e2e.browser.conftest import Visit
from tests.e2e.browser.visitor import Visitor
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e

PASSWORD = "four words and a number 7"


def test_somebody_is_invited_comes_in_is_refused_what_is_not_theirs_and_is_deleted(
    stack: Stack, visitor: Visitor, visit: Visit
) -> None:
    link = invite(visitor, "grace@example.com", "Grace")
    grace = visit()
    grace.go(f"/sign-in/link/{link}")
    grace.page.get_by_label("Password").fill(PASSWORD)
    grace.page.get_by_role("button", name="Come in").click()
    grace.heading("Overview").wait_for()
    grace.go("/me")
    grace.page.get_by_text("You, as operator").wait_for()
    is_refused(grace, "/settings/people", "people:read")
    grace.confirm("Sign out everywhere…", "Yes, sign me out everywhere")
    grace.page.get_by_text("You are signed out everywhere.").wait_for()
    grace.page.get_by_label("Mail address").fill("grace@example.com")
    grace.page.get_by_label("Password").fill(PASSWORD)
    grace.page.get_by_role("button", name="Sign in", exact=True).click()
    grace.heading("Overview").wait_for()
    delete(visitor, "Grace")
    grace.go("/calls")
    grace.page.get_by_label("Mail address").wait_for()


def invite(visitor: Visitor, email: str, name: str) -> str:
    """As an operator; what their link ends with."""
    visitor.go("/settings/people")
    visitor.page.get_by_label("Mail address").fill(email)
    visitor.page.get_by_label("Name").fill(name)
    visitor.page.get_by_label("Role", exact=True).select_option("operator")
    visitor.page.get_by_role("button", name="Make the invitation").click()
    visitor.heading(f"A link for {name}").wait_for()
    return visitor.page.locator("#secret").inner_text().rpartition("/")[2]


def is_refused(visitor: Visitor, path: str, scope: str) -> None:
    """A page that nothing leads to, asked for by its address; the browser notes the refusal."""
    before, here = list(visitor.troubles), visitor.page.url
    visitor.go(path)
    visitor.page.get_by_text(scope).first.wait_for()
    assert all("403" in one for one in visitor.troubles[len(before) :])
    visitor.troubles[:] = before
    visitor.page.goto(here)


def delete(visitor: Visitor, name: str) -> None:
    visitor.go("/settings/people")
    row = visitor.page.get_by_role("row", name=name)
    row.locator("summary", has_text="Delete…").click()
    row.get_by_role("button", name="Yes, delete them").click()
    visitor.page.get_by_text("They are deleted, and signed out everywhere.").wait_for()
