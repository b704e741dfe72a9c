"""Verification that the records are what was written: checking them, signing checkpoints, reporting a break."""
