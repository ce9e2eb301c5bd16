"""`trunkline demo`: a list of contacts called on a stack of its own, each outcome checked.

Only `cli.commands.demo` imports it. The stack is that of `cli.dev_stack`.
"""
