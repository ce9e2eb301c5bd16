"""What waits and orchestrates, in Temporal: calls, campaigns, and loops that never end.

Only `worker` imports it. Workflows call the stubs of `contracts.activities`; what these do is in
`activities`, in files named after it.
"""
