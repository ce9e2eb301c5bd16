"""Ports are checked before anything starts."""

import socket
from collections.abc import Iterator

import pytest

from cli.dev_stack.ports import ANY, Ports, choose
from cli.errors import Unusable

HOST = "127.0.0.1"
ANYWHERE = Ports(0, 0, 0, 0)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(1)
        yield listener.getsockname()[1]


def test_zero_means_four_different_free_ports_outside_the_range_of_outgoing_connections():
    chosen = choose(HOST, ANYWHERE)

    ports = {chosen.api, chosen.temporal, chosen.ui, chosen.carrier}
    assert len(ports) == 4
    assert all(port in ANY for port in ports)


def test_the_ports_of_the_last_run_are_taken_again():
    last = choose(HOST, ANYWHERE)

    assert choose(HOST, ANYWHERE, remembered=last) == last


def test_a_remembered_port_that_is_taken_now_is_replaced(taken: int):
    last = Ports(api=taken, temporal=0, ui=0, carrier=0)

    assert choose(HOST, ANYWHERE, remembered=last).api != taken


def test_a_named_port_is_used_even_if_another_is_remembered():
    named = choose(HOST, ANYWHERE).api

    chosen = choose(HOST, Ports(named, 0, 0, 0), remembered=choose(HOST, ANYWHERE))

    assert chosen.api == named


def test_a_named_port_that_is_taken_is_refused_with_the_option_to_change(taken: int):
    with pytest.raises(Unusable, match=rf"Port {taken} .* in use .*--temporal-port\.$"):
        choose(HOST, Ports(0, taken, 0, 0))


def test_an_address_that_is_not_this_machines_is_refused_in_one_sentence():
    with pytest.raises(Unusable, match="cannot be used"):
        choose("192.0.2.1", Ports(8000, 0, 0, 0))


def test_an_address_that_is_none_is_blamed_and_not_the_port():
    with pytest.raises(Unusable, match=r"^The address 300\.1\.1\.1 cannot .* --host\.$"):
        choose("300.1.1.1", Ports(8000, 0, 0, 0))


def test_any_free_port_of_an_address_that_is_none_is_not_looked_for():
    with pytest.raises(Unusable, match="The address 300"):
        choose("300.1.1.1", ANYWHERE)


def test_one_port_for_two_parts_is_refused_with_both_options():
    with pytest.raises(Unusable, match="Port 8123 is given to --api-port and --ui-port"):
        choose(HOST, Ports(8123, 0, 8123, 0))
