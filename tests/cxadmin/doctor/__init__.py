"""`manage.py doctor` as a process, in places where something real is broken."""
