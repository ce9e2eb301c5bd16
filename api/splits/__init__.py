"""Variants of a campaign that are tried beside each other, and how they compare.

`api.app` includes its routes; `dashboard.splits` shows them. Who gets which says
`policy.campaigns.splits`.
"""
