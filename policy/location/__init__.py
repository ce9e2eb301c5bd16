"""What a number or an address tells: its normal form, where it may be, which caller ID is near.

It knows `model` only. The data is in `policy/data/`; what places mean for a call is in
`policy.compliance`.
"""
