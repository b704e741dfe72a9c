"""/deliveries/: what was sent to the workforce-management system."""
