"""What the law asks of an account itself, and what of it will change.

Prerequisites are acknowledged in `routes`; `coming` says which waiting calls a rule of a day to
come will move. Whether a call meets them is said in `policy.compliance`; records are kept in
`storage.compliance.acknowledgements`.
"""
