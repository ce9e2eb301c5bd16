"""Who may dial now: leases, what the caps leave free, and the calls that wait for a slot.

`activities.decide`, `activities.dials` and `activities.dispatcher` use it. Whose turn it is is
reckoned by `policy.dispatch`.
"""
