"""What needs somebody's attention: findings about campaigns, opened and ended in the transaction that sees why."""
