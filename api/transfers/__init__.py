"""Transfers: targets to whom callees are put through, what became of it, who was abandoned.

`api.app` includes its routes; `dashboard.transfers` shows them. The carrier's side of it is in
`api.callbacks.transfer_steps`; go on to `policy.transfers` and `storage.transfers`.
"""
