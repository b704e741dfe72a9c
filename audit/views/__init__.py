"""Pages that show the audit, one file a concern."""
