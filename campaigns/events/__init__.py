"""CXone's events: subscribing to them, and receiving them."""
