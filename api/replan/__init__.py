"""Which waiting calls a change would move (`dry_run`), and having them decide again (`replan`).

Every room whose changes touch waiting calls may import it. Whether a decision would be another one
is said by `policy.calls.decision_changes`.
"""
