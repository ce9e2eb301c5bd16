"""What was asked about numbers before they were dialed, and what that cost.

What an agent demands is its own field `clearances`; `policy.compliance.number_checks` judges.
"""
