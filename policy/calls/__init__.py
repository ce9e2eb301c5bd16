"""What a call does next: acceptance, decision, windows, retry, and the states of a dial.

Begin at `decide`. It asks `compliance` for the verdict and `time` for the windows.
"""
