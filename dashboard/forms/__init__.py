"""What people type into forms and send with them: read, and what is wrong told at its field."""
