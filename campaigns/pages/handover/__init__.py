"""/handover/: what one shift leaves to the next."""
