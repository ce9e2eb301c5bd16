"""The account, its agents and its pathways, as a key's holder sets them up; for `api.app`.

Rows are in `storage.accounts`, plans and prices in `policy.accounts`, the check of a pathway in
`policy.pathways`.
"""
