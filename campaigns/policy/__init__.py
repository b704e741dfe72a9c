"""Policy: what admins decide, and what of it is in force for a campaign."""
