"""A person's right to be forgotten, and to know; for `api.app`.

What goes and what stays is in `storage.privacy`.
"""
