"""People: their roles, how they sign in, and how long that lasts."""
