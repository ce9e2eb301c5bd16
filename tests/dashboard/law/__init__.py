"""The pages of what the law asks of an account."""
