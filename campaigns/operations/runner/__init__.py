"""What a worker does: claim an operation, take its steps, write what became of it."""
