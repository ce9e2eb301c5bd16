"""Caller IDs looked after: the carrier's lists imported, and what follows for pools and calls.

`worker` runs the loop; `api.caller_ids` imports on request by the same `NumberImport`.
"""
