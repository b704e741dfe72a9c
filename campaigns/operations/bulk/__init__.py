"""Bulks as people ask for them and see them: what they would do, what they are asked for, how far they are."""
