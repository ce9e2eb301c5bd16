"""The pages of the do-not-call list: looked through, added to, lifted.

`dashboard.router` imports it, and `dashboard.calls` for "never call again". From here go to
`api.compliance`.
"""
