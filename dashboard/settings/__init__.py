"""The account and its limits, its keys, its carriers, and who changed what.

`dashboard.router` imports it. What is done is done by `api.accounts`,
`api.carriers` and `api.caller_ids`.
"""
