"""The first page: how it goes now, with a few calls and campaigns; for `dashboard.router`.

From here go to `storage.call_lists` and `storage.campaigns.summaries`.
"""
