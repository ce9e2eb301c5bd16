"""The command `trunkline`: `main` lists its commands, `commands` has a file for each.

Nothing imports it. What talks to a running Trunkline does so over HTTP, as any client; the local
stack is in `dev_stack`, the demo in `demo`.
"""
