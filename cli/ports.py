"""Ports: a taken one is found before anything starts; 0 means any free one."""

import errno
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields

from cli.errors import Unusable

#: Below the range from which kernels take ports for outgoing connections: while a part is away,
#: a client must not be handed the part's own port and end up connected to itself.
ANY = range(20_000, 32_000)
_TRIES = 200


@dataclass(frozen=True)
class Ports:
    """One port for each part that listens."""

    api: int
    temporal: int
    ui: int
    carrier: int


USUAL_PORTS = Ports(api=8000, temporal=7233, ui=8233, carrier=8010)
OPTIONS = {"api": "--api-port", "temporal": "--temporal-port", "ui": "--ui-port"} | {
    "carrier": "--carrier-port"
}


def choose(host: str, wanted: Ports, remembered: Ports | None = None) -> Ports:
    """The ports to use: those named, else last time's where still free, else any.

    Raises Unusable when a named one is taken.
    """
    with ExitStack() as held:
        named = {name: port for name, port in asdict(wanted).items() if port}
        for name, port in named.items():
            held.enter_context(_claim_named(host, port, OPTIONS[name]))
        chosen = {
            field.name: named.get(field.name)
            or _claim_any(host, getattr(remembered, field.name, 0), held)
            for field in fields(Ports)
        }
    return Ports(**chosen)


def _claim_named(host: str, port: int, option: str) -> socket.socket:
    try:
        return _claim(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = "is already in use by another program"
        else:
            reason = f"cannot be used ({error.strerror or error})"
        raise Unusable(f"Port {port} on {host} {reason}; choose another with {option}.") from error


def _claim_any(host: str, preferred: int, held: ExitStack) -> int:
    for port in _candidates(preferred):
        try:
            held.enter_context(_claim(host, port))
        except OSError:
            continue
        return port
    raise Unusable(f"No free port was found on {host}.")


def _candidates(preferred: int) -> Iterator[int]:
    if preferred:
        yield preferred
    yield from random.sample(ANY, _TRIES)


def _claim(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    claimed = socket.socket(family, socket.SOCK_STREAM)
    try:
        # So that a port left in TIME_WAIT by the last run counts as free.
        claimed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        claimed.bind((host, port))
        claimed.listen(1)
    except OSError:
        claimed.close()
        raise
    return claimed
