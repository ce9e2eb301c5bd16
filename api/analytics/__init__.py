"""Numbers about calls, best hours and the health of caller IDs, as JSON and CSV; for `api.app`.

The sums are in `storage.analytics`; what each number means is in `policy.analytics`.
"""
