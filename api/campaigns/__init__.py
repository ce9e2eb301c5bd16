"""A campaign and its contacts: made, loaded, looked ahead at, started, paused, changed, copied.

`api.app` and `dashboard.campaigns` import it. From here go to `storage.campaigns`,
`policy.campaigns` and `workflows.campaign`.
"""
