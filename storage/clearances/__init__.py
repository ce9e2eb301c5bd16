"""What is known of numbers before they are dialed: questions, answers, and what each cost.

`activities.clearances` asks; `policy.compliance.number_checks` judges.
"""
