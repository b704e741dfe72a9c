"""The servers of production, where they can be found."""
