"""A call's row: accepted, decided about, withdrawn, reported on; reminders; which call may start.

Above it are `api.calls` and `activities.decide`. What a decision makes of the row is in
`transitions`; the tries are in `attempts`, the slots in `dispatch`.
"""
