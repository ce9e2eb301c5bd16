"""The pages of pathways: the list, one drawn beside its nodes, its editor, its rehearsal.

Only `dashboard.router` imports it. From here go to `api.accounts` and `policy.pathways`. A script
is read as a `graph`, faulty or not; `layers` says what stands where, `drawing` what is drawn.
"""
