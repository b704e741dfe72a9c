"""The label in records for whoever runs a command."""

import os

from django.contrib.auth.management import get_system_username


def os_user() -> str:
    """The name of the operating system's user; "uid 1000" for one without a name, as in containers."""
    # Whoever has a shell has all rights anyway, so nobody has to sign in for a command.
    return get_system_username() or f"uid {os.getuid()}"
