"""Numbers are cleared: what is wanted to be known of them is noted, asked ahead, and answered.

`policy.compliance.number_checks` judges; a call that waits for an answer is told of it.
"""
