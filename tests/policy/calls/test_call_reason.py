"""What phones may show as the reason of a call."""

import pytest

from policy.calls.call_reason import MOST_CHARACTERS, objection


@pytest.mark.parametrize(
    "reason",
    ["Your appointment", "Delivery today, 2 parcels", "Invoice 4711", "x" * MOST_CHARACTERS],
)
def test_a_plain_text_is_taken(reason):
    assert objection(reason) is None


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("", "in a few words"),
        ("   ", "in a few words"),
        ("x" * 65, "64 characters at most"),
        ("Ihr Termin für morgen", "ASCII"),
        ("Your appointment 🎉", "ASCII"),
        ("Line\nbreak", "ASCII"),
        ("Hello {{name}}", "nothing of a call's context"),
        ("See www.example.com", "no links"),
        ("See https://example.test", "no links"),
        ("Visit example.com", "no links"),
        ("Call us at +1 (202) 555-0100", "no telephone number"),
    ],
)
def test_what_the_carrier_or_privacy_forbids_is_refused_with_its_reason(reason, why):
    assert why in (objection(reason) or "")
