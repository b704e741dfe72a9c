"""Django's backend for PostgreSQL, for statements that are made again and again."""
