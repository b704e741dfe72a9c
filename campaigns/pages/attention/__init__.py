"""The page of what needs attention: open findings, what to do about each, and those that ended today."""
