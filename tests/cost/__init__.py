"""What one call costs, counted on the running code: statements, transactions, history events."""
