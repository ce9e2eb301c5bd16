"""Forgetting: a person on request, old calls by retention; and all that is on file about somebody.

`api.privacy` and `activities.sweep` use it. Numbers that must still be known are hashed by
`storage.number_hash`.
"""
