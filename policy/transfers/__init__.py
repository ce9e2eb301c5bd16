"""Callees put through to somebody else: when a target takes calls, how one ends, who was abandoned.

`storage.transfers` writes by it, `storage.dispatch` slows a campaign by it.
"""
