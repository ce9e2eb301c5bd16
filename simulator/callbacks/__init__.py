"""What the carrier sends of itself: signed requests to the customer's application."""
