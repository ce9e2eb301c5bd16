"""Whether a call may be made at all, within which hours, how soon, and what must be said first.

Begin at `compliance`. The rules it goes by are in `policy.rules`, the places in `policy.location`.
"""
