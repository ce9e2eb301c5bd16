import pytest

from policy.call import EndpointKind
from policy.compliance import may_dial
from tests.policy.make import NEW_YORK, NOW, daily, facts

SIP = {"endpoint": "sip:alice@example.com", "endpoint_kind": EndpointKind.SIP}
WAIVED = {"waived_rules": frozenset({"calling_hours"})}
NOBODY_KNOWS = {"endpoint": "+15551234567"}


@pytest.mark.parametrize(
    ("given", "rules", "zones"),
    [
        ({}, ("us.federal.hours",), (NEW_YORK,)),
        ({"endpoint": "+442079460123"}, ("gb.convention.hours",), ("Europe/London",)),
        ({"endpoint": "+551155501234"}, ("default.hours",), ("America/Sao_Paulo",)),
        (
            {"recipient_country": "FR"},
            ("us.federal.hours", "fr.hours"),
            (NEW_YORK, "Europe/Paris"),
        ),
        ({"recipient_zone": "Asia/Tokyo"}, ("us.federal.hours",), ("Asia/Tokyo",)),
        ({**SIP, "recipient_zone": "Europe/Paris"}, ("default.hours",), ("Europe/Paris",)),
        ({**NOBODY_KNOWS, "recipient_zone": NEW_YORK}, ("us.federal.hours",), (NEW_YORK,)),
        ({"waived_rules": frozenset({"fr.hours"})}, ("us.federal.hours",), (NEW_YORK,)),
    ],
)
def test_every_jurisdictions_hours_hold_in_every_candidate_zone(given, rules, zones):
    clearance = may_dial(facts(**given), NOW)
    assert (clearance.permitted, clearance.reason) == (True, "permitted")
    assert (clearance.rules, clearance.zones) == (rules, zones)
    assert len(clearance.windows) == len(rules) * len(zones)
    assert {window.zone_name for window in clearance.windows} == set(zones)


@pytest.mark.parametrize("given", [SIP, NOBODY_KNOWS, {"recipient_country": "ZZ"}])
def test_without_a_zone_nothing_is_dialed(given):
    clearance = may_dial(facts(**given), NOW)
    assert (clearance.permitted, clearance.reason) == (False, "needs_timezone")


@pytest.mark.parametrize("given", [{"recipient_zone": "Mars/Base"}, {"agent_zone": "Mars/Base"}])
def test_an_unknown_zone_is_not_dialed_even_with_a_waiver(given):
    clearance = may_dial(facts(**given, **WAIVED), NOW)
    assert (clearance.permitted, clearance.reason) == (False, "unknown_timezone")
    assert "Mars" not in clearance.detail


@pytest.mark.parametrize("waiver", ["calling_hours", "us.federal.hours"])
def test_a_waived_rule_drops_its_windows_and_is_still_named(waiver):
    clearance = may_dial(facts(waived_rules=frozenset({waiver})), NOW)
    assert clearance.permitted
    assert (clearance.windows, clearance.rules) == ((), ("waived:us.federal.hours",))
    assert clearance.zones == (NEW_YORK,)


@pytest.mark.parametrize("given", [SIP, NOBODY_KNOWS])
def test_with_all_hours_waived_no_zone_is_needed_unless_a_window_is_read_in_it(given):
    assert may_dial(facts(**given, **WAIVED), NOW).permitted
    refused = may_dial(facts(**given, **WAIVED, call_window=daily("09:00", "17:00")), NOW)
    assert refused.reason == "needs_timezone"
