"""Each process shows its metrics at a port of its own."""

import pytest

from cli.dev_stack.processes import PREFIX, worker_environment


@pytest.mark.parametrize(
    ("place", "address", "own"),
    [
        (1, "127.0.0.1:9464", "127.0.0.1:9465"),
        (3, "127.0.0.1:9464", "127.0.0.1:9467"),
        (1, "[::1]:9464", "[::1]:9465"),
        (2, "127.0.0.1:0", "127.0.0.1:0"),
        (2, "", ""),
    ],
)
def test_a_worker_takes_the_port_of_its_place_after_the_apis(place: int, address: str, own: str):
    told = worker_environment({"PATH": "/bin"}, place, address)
    assert told == {"PATH": "/bin", f"{PREFIX}METRICS_ADDRESS": own}
