"""After a restore: what Temporal and the carrier remember is written into the database again."""
