"""Whether the records are still what was written: walking them, signing where they are, telling of a break."""
