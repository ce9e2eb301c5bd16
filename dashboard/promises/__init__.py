"""Promises to call back: which are open, how many were kept, and making one from a call's page.

Go on to `api.promises` and `api.calls.commands`.
"""
