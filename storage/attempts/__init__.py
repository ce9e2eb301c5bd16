"""The dial ledger: one row an attempt, with all that the carrier said, its cost and its recordings.

`attempts` is its front; `dial_ledger` goes up to the carrier's answer, `carrier_updates` from there
on, and `settlement` ends it. Which step may follow which is in `policy.calls.attempt_lifecycle`.
"""
