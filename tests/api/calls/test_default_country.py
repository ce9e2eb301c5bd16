"""Numbers as people of a country write them, in single calls and in bulk."""

import pytest

from tests.api.world import World

NEW_YORK = {"timezone": "America/New_York"}


@pytest.mark.parametrize(
    ("text", "country", "endpoint"),
    [
        ("(212) 555-0123", "US", "+12125550123"),
        ("(212) 555-0123", "us", "+12125550123"),
        ("2125550123.0", "US", "+12125550123"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("0049 30 901820", "DE", "+4930901820"),
        ("+1 212 555 0123", "DE", "+12125550123"),
        ("tel:+1-212-555-0123", None, "+12125550123"),
    ],
)
async def test_a_call_may_name_the_country_its_number_is_written_in(
    world: World, text: str, country: str | None, endpoint: str
):
    said = {} if country is None else {"defaultCountry": country}
    call = await world.call(endpoint=text, recipient=NEW_YORK, purpose="reminder", **said)
    assert (await world.view(call))["endpoint"] == endpoint


async def test_without_a_country_a_national_number_is_refused(world: World):
    assert await world.refusal(endpoint="(212) 555-0123") == ("invalid_number", "endpoint")


@pytest.mark.parametrize("country", ["ZZ", "XX"])
async def test_a_country_that_there_is_not_is_refused(world: World, country: str):
    refused = await world.refusal(defaultCountry=country)
    assert refused == ("unknown_country", "defaultCountry")


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("390612345", "IT", "ambiguous_number"),
        ("2.12556E+09", "US", "rounded_number"),
        ("(212) 555 0114 ext. 5", "US", "has_extension"),
        ("030901820 030901", "DE", "invalid_number"),
    ],
)
async def test_each_refusal_has_a_code_of_its_own(world: World, text: str, country: str, code: str):
    assert await world.refusal(endpoint=text, defaultCountry=country) == (code, "endpoint")
    rows = [{"agentId": await world.agent(), "endpoint": text}]
    body = {"calls": rows, "defaultCountry": country}
    (result,) = (await world.post("/api/v1/calls/bulk", body, 207))["results"]
    error = result["error"]
    assert (error["code"], error["reason"], error["field"]) == ("invalid_number", code, "endpoint")


async def test_the_country_of_a_bulk_request_is_that_of_rows_that_name_none(world: World):
    agent = await world.agent()
    rows = [
        {"endpoint": "(212) 555-0123"},
        {"endpoint": "030 901820", "defaultCountry": "DE", "recipient": NEW_YORK},
        {"endpoint": "+12125550124"},
    ]
    body = {"agentId": agent, "defaultCountry": "US", "calls": rows}
    found = await world.post("/api/v1/calls/bulk", body, 202)
    assert [one["call"]["endpoint"] for one in found["results"]] == [
        "+12125550123",
        "+4930901820",
        "+12125550124",
    ]
    await world.post("/api/v1/calls/bulk", {**body, "defaultCountry": "ZZ"}, 422)


async def test_the_two_readings_are_told_and_never_logged(world: World, logged: list[object]):
    body = await world.body(endpoint="390612345", defaultCountry="IT")
    problem = await world.post("/api/v1/calls", body, 422)
    assert "+39390612345 or +390612345" in problem["errors"][0]["message"]
    assert "390612345" not in str(logged)
