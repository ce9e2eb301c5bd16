"""One dial and its leg: sent once at most, looked after to its end."""
