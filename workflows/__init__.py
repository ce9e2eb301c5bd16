"""What waits and orchestrates, in Temporal: calls and campaigns.

Only `worker` imports it. Workflows call the stubs of `contracts.activities`; `worker.Activities`
says which class of `activities` does which.
"""
