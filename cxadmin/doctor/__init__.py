"""`manage.py doctor`: looks at everything that the product depends on, and says what is wrong and what to do.

It works where the product doesn't start: with settings that can't be used, without a database, without Redis.
"""
