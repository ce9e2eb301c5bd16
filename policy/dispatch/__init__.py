"""Whose turn it is among waiting calls, and where each stands in line; it knows no other room.

Leases are granted by it in `storage.dispatch.leases`.
"""
