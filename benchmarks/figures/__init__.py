"""What is measured: a figure, its bound, how much of it, and at which pace."""
