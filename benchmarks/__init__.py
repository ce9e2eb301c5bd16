"""What it costs, measured by `make bench`; the figures are in RESULTS.md.

Nothing imports it. Begin at `suite`, the list of its parts.
"""
