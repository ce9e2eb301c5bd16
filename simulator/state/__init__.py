"""What a simulated carrier knows: its clock, scripts and faults, and every call ever made."""
