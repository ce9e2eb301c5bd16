"""Caller IDs: what the carrier says of each, its lists imported on request; for `api.app`.

`api.accounts` and `api.carriers` hold new ones to the lists. Rows are in `storage.caller_ids`,
verdicts in `policy.caller_ids`, the import itself in `activities.caller_ids`.
"""
