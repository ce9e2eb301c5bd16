"""A contract for import-linter: which rooms of a floor may know which.

`rooms` is one line a room, the lowest first: its name, and after `->` those it may import, all of
them named further up. So there is no circle, a new room has to be placed, and an arrow that nobody
needs any more has to go.
"""

from collections import defaultdict
from collections.abc import Mapping, Set
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

Arrows = Mapping[str, Set[str]]


class RoomsContract(Contract):
    type_name = "rooms"

    floor = fields.StringField()
    rooms = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        faults = faults_of(allowed(cast(list[str], self.rooms)), found(graph, str(self.floor)))
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for fault in check.metadata["faults"]:
            output.print_error(f"{self.floor}: {fault}")


def allowed(lines: list[str]) -> dict[str, set[str]]:
    """The arrows of a contract's lines, by the room they come from."""
    plan: dict[str, set[str]] = {}
    for line in lines:
        name, _, known = line.partition("->")
        plan[name.strip()] = set(known.split())
    return plan


def found(graph: ImportGraph, floor: str) -> dict[str, set[str]]:
    """The arrows of the code between a floor's rooms, which are its direct children."""
    rooms: defaultdict[str, set[str]] = defaultdict(set)
    for module in graph.find_descendants(floor):
        rooms[room_of(module)] |= {
            room_of(other)
            for other in graph.find_modules_directly_imported_by(module)
            if other.startswith(f"{floor}.") and room_of(other) != room_of(module)
        }
    return dict(rooms)


def room_of(module: str) -> str:
    return module.split(".")[1]


def faults_of(plan: Arrows, code: Arrows) -> list[str]:
    """One sentence for each way in which plan and code differ, or the plan has a circle."""
    faults = [f"{name} is in no line of the plan" for name in sorted(code.keys() - plan.keys())]
    faults += [f"{name} does not exist" for name in sorted(plan.keys() - code.keys())]
    above: set[str] = set()
    for name, known in plan.items():
        faults += [f"{name} -> {other}: not further up" for other in sorted(known - above)]
        above.add(name)
        real = code.get(name, set())
        faults += [f"{name} imports {other}, which it may not" for other in sorted(real - known)]
        faults += [f"{name} -> {other}: nothing needs it" for other in sorted(known - real)]
    return faults
