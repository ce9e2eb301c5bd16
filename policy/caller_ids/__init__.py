"""Caller IDs as they fare: what the carrier says of one, and which of a pool are shown now.

May know `location`, which says what is near to whom. Above: `storage.caller_ids`,
`storage.calls.call_factory`, `api.caller_ids`.
"""
