"""What gunicorn serves."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from cxadmin import entry_point

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")

entry_point.prepare_or_exit()
application = get_wsgi_application()

from cxadmin import static_files  # noqa: E402

if missing := static_files.uncollected():
    sys.stderr.write(f"{static_files.not_collected(missing)} {static_files.WHAT_TO_DO}\n")
