"""Plans and prices: the caps an account may use, and what a dial costs; it knows `model` only.

Costs are written down by `storage.attempts.costs`.
"""
