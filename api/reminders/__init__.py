"""The reminders of one appointment together: looked at, moved, canceled; for `api.app`.

They are submitted as calls (`api.calls`). From here go to `policy.reminders` and
`storage.calls.reminder_sequences`.
"""
