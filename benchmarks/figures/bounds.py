"""Figures that are held against a bound."""

from benchmarks.figures.figures import Figure


def at_most(name: str, value: float, unit: str, most: float, beside: str | None = None) -> Figure:
    return Figure(
        name=name,
        value=round(value, 2),
        unit=unit,
        compared_to=beside,
        bound=f"<= {most:g} {unit}",
        holds=value <= most,
    )


def at_least_of(
    name: str, value: float, unit: str, beside: str, other: float, least: float
) -> Figure:
    """A figure that must reach a share of another one."""
    ratio = value / other
    return Figure(
        name=name,
        value=round(value, 2),
        unit=unit,
        compared_to=f"{beside}: {other:.1f}",
        ratio=round(ratio, 2),
        bound=f">= {least:g} of it",
        holds=ratio >= least,
    )


def at_most_of(
    name: str, value: float, unit: str, beside: str, other: float, most: float
) -> Figure:
    """A figure that must not be more than so many times another one."""
    ratio = value / other
    return Figure(
        name=name,
        value=round(value, 2),
        unit=unit,
        compared_to=beside,
        ratio=round(ratio, 2),
        bound=f"<= {most:g} times",
        holds=ratio <= most,
    )


def exactly(name: str, value: float, unit: str, wanted: float, beside: str | None = None) -> Figure:
    return Figure(
        name=name,
        value=value,
        unit=unit,
        compared_to=beside,
        bound=f"= {wanted:g}",
        holds=value == wanted,
    )


def noted(name: str, value: float, unit: str, beside: str | None = None) -> Figure:
    """A figure without a bound."""
    return Figure(name=name, value=round(value, 3), unit=unit, compared_to=beside)
