"""Ports: a taken one is found before anything starts; 0 means any free one."""

import errno
import random
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields

from cli.errors import Unusable

#: Below the range from which kernels take ports for outgoing connections: while a program is away,
#: a client must not be handed the program's own port and end up connected to itself.
ANY = range(20_000, 32_000)
_TRIES = 200


@dataclass(frozen=True)
class Ports:
    """One port for each program that listens."""

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
        _refuse_twice(named)
        for name, port in named.items():
            held.enter_context(claim_named(host, port, OPTIONS[name]))
        chosen = {
            field.name: named.get(field.name)
            or _claim_any(host, getattr(remembered, field.name, 0), held)
            for field in fields(Ports)
        }
    return Ports(**chosen)


def _refuse_twice(named: Mapping[str, int]) -> None:
    port, times = Counter(named.values()).most_common(1)[0] if named else (0, 0)
    if times > 1:
        options = " and ".join(OPTIONS[name] for name in named if named[name] == port)
        raise Unusable(f"Port {port} is given to {options}, but each program needs one of its own.")


def claim_named(host: str, port: int, option: str, host_option: str = "--host") -> socket.socket:
    """A socket that holds the port; raises Unusable with the option by which to change it."""
    try:
        return _claim(host, port)
    except OSError as error:
        if _is_elsewhere(error):
            raise _no_address(host, host_option) from error
        if error.errno == errno.EADDRINUSE:
            reason = "is already in use by another program"
        else:
            reason = f"cannot be used ({error.strerror or error})"
        raise Unusable(f"Port {port} on {host} {reason}; choose another with {option}.") from error


def _claim_any(host: str, preferred: int, held: ExitStack) -> int:
    for port in _candidates(preferred):
        try:
            held.enter_context(_claim(host, port))
        except OSError as error:
            if _is_elsewhere(error):
                raise _no_address(host, "--host") from error
            continue
        return port
    raise Unusable(f"No free port was found on {host}.")


def _is_elsewhere(error: OSError) -> bool:
    return isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL


def _no_address(host: str, option: str) -> Unusable:
    message = f"The address {host} cannot be used on this machine; choose another with {option}."
    return Unusable(message)


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
