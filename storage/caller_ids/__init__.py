"""Caller IDs as they are kept: the carrier's lists, and which of a pool are not shown now.

May know `tables`, `database`, `events` and `carriers`. Above: `activities.caller_ids`,
`api.caller_ids`.
"""
