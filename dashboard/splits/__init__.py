"""The page of a campaign's variants: what they are while it is a draft, and how they compare."""
