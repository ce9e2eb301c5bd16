"""What an account says is so, and what changes by date."""
