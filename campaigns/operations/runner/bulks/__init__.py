"""Carrying out a bulk: its operations are made in chunks and sent in batches, in slices of a worker's time."""
