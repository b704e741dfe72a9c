"""What one shift leaves to the next: written by its supervisors, acknowledged by those who come, both on record."""
