"""The commands of `trunkline`, each in the file of its name: what it may be told, and what it does.

Those about the same noun share a room; what asks a server is made with `cli.remote.command`. Each
is imported when it is used, by `cli.main`, so that `--help` needs none of the house.
"""
