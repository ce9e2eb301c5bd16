"""A call under way: its leg, the documents it hears, and who is at the other end."""
