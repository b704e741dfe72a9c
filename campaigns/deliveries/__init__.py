"""Changes delivered to the workforce-management system."""
