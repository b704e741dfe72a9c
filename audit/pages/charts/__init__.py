"""The charts page: its form, figures, drawings and tables."""
