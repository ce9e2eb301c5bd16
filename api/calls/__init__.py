"""A call: submitted alone, in bulk or as reminders; listed, shown, canceled, rescheduled, hung up.

`dashboard` and every room of `api` that leads to a call may import it. Begin at `submission`, and
go on to `policy.calls.acceptance`, `storage.calls` and `workflows.call`.
"""
