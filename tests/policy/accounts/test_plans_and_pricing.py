"""Plans are caps, and money is counted in whole micro-units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.accounts.plans import PLANS, Caps, Plan, caps_of
from policy.accounts.pricing import (
    PriceRates,
    carrier_price,
    connection,
    dials_left,
    extras,
    rates_of,
    refusal,
)

RATES = PriceRates()


def test_the_plans_are_those_that_are_sold():
    assert {
        Plan.STARTER: Caps(max_concurrent=5, calls_per_minute=10),
        Plan.PROFESSIONAL: Caps(max_concurrent=25, calls_per_minute=60),
        Plan.ENTERPRISE: None,
    } == PLANS


def test_an_account_without_a_plan_has_caps_of_its_own():
    assert caps_of(None) is None
    assert caps_of("starter") == Caps(5, 10)


@pytest.mark.parametrize(
    ("seconds", "cost"),
    [(0, 0), (0.4, 14_000), (1, 14_000), (60, 14_000), (61, 28_000), (600, 140_000)],
)
def test_every_minute_begun_is_paid(seconds, cost):
    assert connection(RATES, seconds) == cost


@pytest.mark.parametrize(
    ("seconds", "detects", "recorded", "cost"),
    [
        (0, True, True, 0),
        (30, False, False, 0),
        (30, True, False, 7_500),
        (61, False, True, 5_000),
        (61, True, True, 12_500),
    ],
)
def test_machine_detection_and_recording_cost_extra(seconds, detects, recorded, cost):
    assert extras(RATES, seconds, detects_machines=detects, recorded=recorded) == cost


def test_an_accounts_own_rates_take_the_place_of_the_defaults():
    own = rates_of({"perMinute": 20_000, "currency": "EUR"})
    assert own == PriceRates(currency="EUR", per_minute=20_000)


@pytest.mark.parametrize(
    ("price", "unit", "micro"),
    [
        ("-0.01400", "USD", 14_000),
        ("-0.0140", "usd", 14_000),
        ("0", "USD", 0),
        (None, "USD", None),
        ("", "USD", None),
        ("-0.014", "EUR", None),
        ("-0.014", None, None),
        ("free", "USD", None),
        ("nan", "USD", None),
    ],
)
def test_a_carriers_price_is_believed_only_in_the_accounts_currency(price, unit, micro):
    assert carrier_price(price, unit, RATES) == micro


@pytest.mark.parametrize(
    ("limit", "spent", "live", "left"),
    [
        (None, 10**9, 50, None),
        (0, 0, 0, 0),
        (14_000, 0, 0, 1),
        (14_001, 0, 0, 2),
        (14_000, 0, 1, 0),
        (28_000, 14_000, 0, 1),
        (28_000, 28_000, 0, 0),
        (28_000, 99_000, 0, 0),
    ],
)
def test_dials_under_way_are_reckoned_at_a_minute(limit, spent, live, left):
    assert dials_left(limit, spent, live, RATES) == left


@given(st.integers(1, 10**7), st.lists(st.integers(0, 14_000), max_size=60))
def test_a_limit_is_never_overrun_by_more_than_the_last_minute(limit, costs):
    spent = 0
    for cost in costs:
        if dials_left(limit, spent, 0, RATES):
            spent += cost
    assert spent < limit + RATES.per_minute


def test_new_calls_are_refused_from_the_limit_on():
    assert refusal(None, 10**12) is None
    assert refusal(100, 99) is None
    refused = refusal(100, 100)
    assert refused is not None
    assert refused.code == "insufficient_balance"
