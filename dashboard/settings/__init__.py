"""The account and its limits, its keys, and who changed what.

`dashboard.router` imports it. What is done is done by `api.accounts`.
"""
