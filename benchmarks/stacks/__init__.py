"""What is measured runs here: a whole stack, bare workflows, a receiver of webhooks."""
