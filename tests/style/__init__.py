"""The style of the code as figures: `make style` prints them, `test_rules.py` keeps the few that are rules."""
