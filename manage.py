#!/usr/bin/env python
"""Django's command line for this project."""

import io
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, ManagementUtility


class CommandLine(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        """The command, once settings that can't be used have stopped it: not all commands run Django's checks."""
        from cxadmin import entry_point

        if subcommand in entry_point.DIAGNOSES:
            entry_point.prepare_to_diagnose()
        else:
            entry_point.prepare()
        return super().fetch_command(subcommand)


def main(words: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")
    # A terminal that has no ’, such as one in ISO 8859-1, is no reason to fail; in JSON this is an escape.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        CommandLine(words).execute()
        sys.stdout.flush()
    except ImproperlyConfigured as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    except Exception as error:
        # Looked for by name: most commands have no use for Django's migrations.
        if type(error).__name__ != "InconsistentMigrationHistory":
            raise
        from cxadmin.preparing import GAP

        sys.stderr.write(f"{error} {GAP}\n")
        return 1
    except BrokenPipeError:  # the reader has seen enough: `manage.py operations | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
