"""Commands about who may be called: the do-not-call list, consents, rules."""
