"""The audit of one call, put together from what was kept when it happened.

`api.app` imports it, and `dashboard`, which makes a page of it. What proves a decision is made in
`policy.compliance.evidence` and kept by `storage.calls.decisions`.
"""
