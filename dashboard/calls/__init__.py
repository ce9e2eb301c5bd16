"""The pages of calls: the list, one call, its audit; cancel, hang up, never call again.

Only `dashboard.router` imports it. From here go to `api.calls` and `storage.call_lists`.
"""
