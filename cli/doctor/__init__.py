"""`trunkline doctor`: what an installation needs, looked at piece by piece, each with its remedy.

Only `cli.commands.doctor` imports it. Begin at `examination`.
"""
