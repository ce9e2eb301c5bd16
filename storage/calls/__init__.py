"""A call's row: built, decided about, withdrawn, reported on; reminders; which call may start.

Above it are `api.calls` and `activities.decide`. Every new call is built by `call_factory`, and
what a decision makes of its row is in `transitions`; the tries are in `attempts`, slots in
`dispatch`.
"""
