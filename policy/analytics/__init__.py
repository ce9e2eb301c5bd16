"""What is counted of a call, and what rates, best hours and caller-ID health mean.

`storage.analytics` keeps the sums by it, and `api.analytics` answers by it. Intervals are in
`policy.statistics`.
"""
