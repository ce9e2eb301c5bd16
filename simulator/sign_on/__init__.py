"""A provider of OpenID Connect, below /idp: discovery, sign-in page, tokens, keys.

It lets in whoever is typed, for it knows nobody: for tests and for a stack on this machine.
"""
