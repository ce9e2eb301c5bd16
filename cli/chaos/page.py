"""The report as a page that stands alone: nothing is fetched, nothing runs."""

from html import escape

from cli.chaos.report import Report

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:0 0 1.5rem}"
    "th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid #8884}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    "code{overflow-wrap:anywhere}.kept{color:#176b2c}.broken{color:#b3261e}"
    "@media (prefers-color-scheme:dark){.kept{color:#7fd396}.broken{color:#ff8a80}}"
)


def page(report: Report) -> str:
    """HTML in UTF-8."""
    figures = "".join(_row(name, value) for name, value in report.figures())
    outcomes = "".join(_row(name, str(count)) for name, count in report.verdict.outcomes.items())
    recoveries = "".join(
        _row(name, str(count), f"{middle:.1f}", f"{longest:.1f}")
        for name, count, middle, longest in report.recoveries()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Trunkline: chaos</title><style>{_STYLE}</style></head><body>"
        f"<h1>Chaos</h1><p><code>{escape(report.command)}</code> on {escape(report.database)}</p>"
        f"{_verdict(report.broken())}"
        f"<h2>Figures</h2>{_table(('what', 'how many'), figures)}"
        "<h2>Recovery</h2>"
        f"{_table(('blow', 'times', 'median, s', 'longest, s'), recoveries)}"
        f"<h2>Outcomes</h2>{_table(('outcome', 'calls'), outcomes)}"
        "</body></html>\n"
    )


def _verdict(broken: list[str]) -> str:
    if not broken:
        return '<p class="kept"><strong>Every promise was kept.</strong></p>'
    items = "".join(f"<li>{escape(one)}</li>" for one in broken)
    return f'<p class="broken"><strong>Broken promises:</strong></p><ul>{items}</ul>'


def _table(heads: tuple[str, ...], rows: str) -> str:
    first, *others = heads
    cells = f'<th scope="col">{first}</th>'
    cells += "".join(f'<th scope="col" class="n">{one}</th>' for one in others)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>"


def _row(name: str, *values: str) -> str:
    numbers = "".join(f'<td class="n">{escape(one)}</td>' for one in values)
    return f"<tr><td>{escape(name)}</td>{numbers}</tr>"
