"""The command `trunkline`: a file a command, `dev_stack` and `demo` for what starts many processes.

Nothing imports it. What talks to a running Trunkline does so over HTTP, as any client; begin at
`main`.
"""
