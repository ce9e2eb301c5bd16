"""Which part is struck how, in which order: drawn from a seed, so that runs repeat."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class BlowKind(StrEnum):
    """What is done to a part."""

    #: SIGKILL; the database stops without a word, as at a power cut, and recovers at its start.
    KILL = "kill"
    #: SIGSTOP, and SIGCONT a while later: it is there and does nothing.
    STOP = "stop"
    #: Its connections are reset, and none are taken for a while.
    CUT = "cut"
    #: Another process holds SQLite's write lock for a while.
    LOCK = "lock"
    #: The server ends the sessions of all its clients.
    END_SESSIONS = "end sessions"
    #: The server takes no writes for a while.
    READ_ONLY = "read-only"


@dataclass(frozen=True)
class Blow:
    """One of them. `seconds`: how long it lasts; a kill is over at once."""

    part: str
    kind: BlowKind
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.part}: {self.kind}"


_PROGRAM = (BlowKind.KILL, BlowKind.STOP, BlowKind.CUT)
#: A worker takes no connections: it is cut off where the others are.
_WORKER = (BlowKind.KILL, BlowKind.KILL, BlowKind.STOP)
_SQLITE = (BlowKind.LOCK,)
_POSTGRESQL = (BlowKind.KILL, BlowKind.CUT, BlowKind.END_SESSIONS, BlowKind.READ_ONLY)
_SHORTEST, _LONGEST = 0.5, 6.0


def blows(count: int, seed: int, workers: Sequence[str], *, on_postgresql: bool) -> list[Blow]:
    """So many; each kind of blow comes once before any comes again."""
    kinds = _kinds(workers, on_postgresql=on_postgresql)
    drawn = random.Random(seed)
    found: list[Blow] = []
    while len(found) < count:
        turn = [Blow(part, kind, _length(drawn, kind)) for part, kind in kinds]
        drawn.shuffle(turn)
        found.extend(turn)
    return found[:count]


def _kinds(workers: Sequence[str], *, on_postgresql: bool) -> list[tuple[str, BlowKind]]:
    programs = [(part, kind) for part in ("api", "carrier", "temporal") for kind in _PROGRAM]
    dialers = [(worker, kind) for worker in workers for kind in _WORKER]
    database = _POSTGRESQL if on_postgresql else _SQLITE
    return [*programs, *dialers, *(("database", kind) for kind in database)]


def _length(drawn: random.Random, kind: BlowKind) -> float:
    instant = kind in (BlowKind.KILL, BlowKind.END_SESSIONS)
    return 0.0 if instant else round(drawn.uniform(_SHORTEST, _LONGEST), 1)
