"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from cxadmin import entry_point

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")

entry_point.prepare_or_exit()
application = get_wsgi_application()
