"""Compliance holds: placing one on a campaign, or on many, and lifting it."""
