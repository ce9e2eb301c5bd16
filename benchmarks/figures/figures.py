"""A measured figure, and the bound it must keep."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is to what `compared_to` names; `holds` says whether `bound` was kept."""

    name: str
    value: float
    unit: str
    compared_to: str | None = None
    ratio: float | None = None
    bound: str | None = None
    holds: bool | None = None
