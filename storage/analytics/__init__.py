"""The sums that analytics is answered from: kept by the rollup, read by what they are grouped by.

Other rooms may leave a mark (`recount`) and ask for rates. What a call adds to which sum is in
`policy.analytics.counters`.
"""
