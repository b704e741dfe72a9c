"""Who acts from a shell."""

import os

from django.contrib.auth.management import get_system_username


def os_user() -> str:
    """The operating system's user, as whoever has the shell has the authority; a user without a name by number."""
    return get_system_username() or f"uid {os.getuid()}"
