"""Help: what each role does here, and what the words mean."""
