"""Wall time, windows, holidays, parts of the day, quarters of an hour: whatever hangs on a zone.

Every other room may import it; it knows `model` and `policy.statistics` only.
"""
