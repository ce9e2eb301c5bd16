"""A copy of the database, and what is done with it: the programs are in `cli.recovery`."""
