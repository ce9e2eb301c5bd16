"""Promises to call back: made in a call, listed, counted.

`api.calls`, whose calls are promised, and `dashboard` may import it. Go on to `policy.promises`,
`storage.facts.promise_maker`, which makes one, and `storage.calls.promises`, which settles it.
"""
