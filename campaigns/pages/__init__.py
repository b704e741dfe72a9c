"""What people see: a room for each address, and in it forms, queries and views."""
