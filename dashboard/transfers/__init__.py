"""Transfers: the targets callees are put through to, and what became of it.

Go on to `api.transfers`.
"""
