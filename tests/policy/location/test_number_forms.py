"""A number and its older forms are one person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.location.number_forms import all_forms, forms_of, person_key

PAIRS = [
    ("+5215512345678", "+525512345678"),
    ("+5491123456789", "+541123456789"),
    ("+551198765432", "+5511998765432"),
    ("+551178765432", "+5511978765432"),
    ("+22507123456", "+2250707123456"),
    ("+22504123456", "+2250504123456"),
    ("+22502123456", "+2250102123456"),
    ("+22520312345", "+2252720312345"),
    ("+22997123456", "+2290197123456"),
    ("+5712345678", "+576012345678"),
    ("+841234567890", "+84834567890"),
    ("+841621234567", "+84321234567"),
    ("+2417123456", "+24177123456"),
    ("+24107123456", "+24177123456"),
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_both_forms_of_a_number_are_found_by_either(old, new):
    assert person_key(old) == person_key(new)
    assert {old, new} <= set(forms_of(old)) == set(forms_of(new))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+525512345678", "+525512345679"),
        ("+5511998765432", "+5521998765432"),
        ("+551130765432", "+5511930765432"),
        ("+2250707123456", "+2250507123456"),
        ("+576012345678", "+576022345678"),
        ("+573012345678", "+5731012345678"),
        ("+12125550123", "+12125550124"),
    ],
)
def test_two_people_stay_two(one, other):
    assert person_key(one) != person_key(other)


@pytest.mark.parametrize("endpoint", ["+12125550123", "+491701234567", "sip:ada@example.com", "5"])
def test_most_numbers_have_one_form(endpoint):
    assert forms_of(endpoint) == (endpoint,)
    assert all_forms([endpoint, endpoint]) == [endpoint]


@given(
    st.sampled_from(["+52", "+54", "+55", "+57", "+84", "+225", "+229", "+241"]),
    st.text("0123456789", min_size=7, max_size=12),
)
def test_a_number_is_found_by_every_one_of_its_forms(prefix, rest):
    endpoint = prefix + rest
    forms = set(forms_of(endpoint))
    assert endpoint in forms
    assert {person_key(form) for form in forms} == {person_key(endpoint)}
    # 01 and 044 are said within Mexico only, and never on file.
    assert all(set(forms_of(form)) | {endpoint} == forms for form in forms)
