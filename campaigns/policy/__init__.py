"""Policy: what admins decide, and what applies to a campaign."""
