"""Links to the wallboard: made and revoked by admins, on record, and nothing but links."""
