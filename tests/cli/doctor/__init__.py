"""What `trunkline doctor` says of an installation in which something is wrong."""
