"""The audit's pages: views, forms, and what they show."""
