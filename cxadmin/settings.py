"""Settings, read from the environment and `.env` by cxadmin/environment.py. docs/settings.md explains each.

Importing this changes nothing and refuses nothing: what is wrong is found by the checks (`checks.py` of each app), and
what was not given is made by the entry points (cxadmin/entry_point.py).
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from cxadmin import database_url, environment, local

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules

env = ENVIRONMENT = environment.of_this_process(BASE_DIR, None if TESTING else BASE_DIR / ".env")

# For everything without a setting of its own: the database, secrets, cache, collected static files.
VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")

# The secrets that are not set, and where they are kept once an entry point has created them.
MADE_SECRETS = {
    name: VAR_DIR / file
    for name, file in {
        "SECRET_KEY": "secret_key",
        "CXONE_WEBHOOK_TOKEN": "webhook_token",
        "AUDIT_SIGNING_KEY_FILE": "audit_signing_key.pem",
    }.items()
    if not env.is_given(name)
}

DEBUG = env.switch("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY") or local.made_or_ephemeral(VAR_DIR / "secret_key")
PUBLIC_BASE_URL = env.origin("PUBLIC_BASE_URL")
HTTPS = PUBLIC_BASE_URL.startswith("https://")
# Loopback always: health checks come from the machine itself.
ALLOWED_HOSTS = [*env.listed("ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
if PUBLIC_BASE_URL:
    ALLOWED_HOSTS.append(urlsplit(PUBLIC_BASE_URL).hostname or "")
    CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    "audit",
    "campaigns",
    "cxadmin",
]

MIDDLEWARE = [
    "cxadmin.responses.HeadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    # Nothing above reads a body or a session; what is below may.
    "cxadmin.bounds.BodyLimitMiddleware",
    "cxadmin.health.ProbeMiddleware",
    "cxadmin.responses.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cxadmin.accounts.middleware.ReaderZoneMiddleware",
    "cxadmin.accounts.middleware.SessionMiddleware",
    "cxadmin.accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cxadmin.accounts.middleware.AccessDeniedMiddleware",
    "cxadmin.accounts.middleware.MethodNotAllowedMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cxadmin.urls"
WSGI_APPLICATION = "cxadmin.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "campaigns.pages.freshness.head",
                "audit.integrity.known_break.for_pages",
                "cxadmin.accounts.sessions.session_countdown",
            ],
        },
    },
]

# --- Where things are kept -------------------------------------------------------------------------

DATABASES = {"default": database_url.read_database(env, "DATABASE_URL", VAR_DIR / "campaign-control.sqlite3")}
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    # No transaction of ours waits for anything but the database. A process that is frozen in the middle of one, as on
    # a suspended machine, would keep its locks, and so everybody else waiting: PostgreSQL ends it instead.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c idle_in_transaction_session_timeout=15s")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis_address("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "campaign-control",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    }
}

# --- Celery: the broker only wakes workers up, the database is the truth (docs/decisions/0002) ------

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "global_keyprefix": "campaign-control:",
        # A click sends its wake-up once and waits no longer than this; without max_retries it would try for 6 s.
        "max_retries": 0,
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
    }
    if REDIS_URL
    else {"polling_interval": 0.01}
)
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_DEFAULT_QUEUE = "background"
CELERY_TASK_ROUTES = {
    "campaigns.tasks.run_operation": {"queue": "interactive"},
    "campaigns.tasks.run_bulk": {"queue": "interactive"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1 if REDIS_URL else 0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_WORKER_SEND_TASK_EVENTS = False

# --- CXone ------------------------------------------------------------------------------------------

CXONE_DIALECT = env.text("CXONE_DIALECT", "v2")
CXONE_INSTANCE = env.label("CXONE_INSTANCE")
CXONE_REGION = env.label("CXONE_REGION")
CXONE_BASE_URL = env.address("CXONE_BASE_URL")
if not CXONE_BASE_URL and CXONE_INSTANCE:
    CXONE_BASE_URL = f"https://{CXONE_INSTANCE.lower()}.mycxone.com"
if not CXONE_BASE_URL and CXONE_REGION:
    CXONE_BASE_URL = f"https://api.{CXONE_REGION.lower()}.my.cxone.com"
# The address of the simulated CXone that `up` runs, for commands in another shell.
SIMULATOR_FILE = VAR_DIR / "simulator.address"
CXONE_SIMULATED = not CXONE_BASE_URL and not env.problems and SIMULATOR_FILE.exists() and not TESTING
if CXONE_SIMULATED:
    CXONE_BASE_URL = SIMULATOR_FILE.read_text(encoding="utf-8").strip()
CXONE_TOKEN_URL = env.address("CXONE_TOKEN_URL")
if not CXONE_TOKEN_URL and CXONE_BASE_URL:
    CXONE_TOKEN_URL = f"{CXONE_BASE_URL}/oauth/token"
CXONE_CLIENT_ID = env.text("CXONE_CLIENT_ID")
CXONE_CLIENT_SECRET = env.secret("CXONE_CLIENT_SECRET")
if CXONE_SIMULATED:
    CXONE_CLIENT_ID = CXONE_CLIENT_ID or "simulator"
    CXONE_CLIENT_SECRET = CXONE_CLIENT_SECRET or "simulator-secret"
CXONE_TOKEN_AUTH = env.choice("CXONE_TOKEN_AUTH", ("post", "basic"))
CXONE_RATE_PER_MINUTE = env.whole_number("CXONE_RATE_PER_MINUTE", 200, 10, 10_000)
CXONE_WEBHOOK_TOKEN = env.secret("CXONE_WEBHOOK_TOKEN") or local.made_or_ephemeral(VAR_DIR / "webhook_token")
# One, or two with a comma between while one replaces the other.
CXONE_WEBHOOK_SECRET = env.secret("CXONE_WEBHOOK_SECRET")
SYNC_INTERVAL_SECONDS = env.whole_number("SYNC_INTERVAL_SECONDS", 15, 2, 3600)
CONFIRM_SECONDS = env.whole_number("CONFIRM_SECONDS", 90, 5, 3600)

# --- WFM ---------------------------------------------------------------------------------------------

WFM_ALLOW_PRIVATE = env.switch("WFM_ALLOW_PRIVATE")
WFM_WEBHOOK_URL = env.text("WFM_WEBHOOK_URL")
WFM_WEBHOOK_SECRET = env.secret("WFM_WEBHOOK_SECRET")

# --- Audit -------------------------------------------------------------------------------------------

AUDIT_SIGNING_KEY_FILE = env.path("AUDIT_SIGNING_KEY_FILE", VAR_DIR / "audit_signing_key.pem")
AUDIT_RETIRED_KEYS = frozenset(key.lower() for key in env.listed("AUDIT_RETIRED_KEYS"))
AUDIT_CHECKPOINT_DIR = env.path("AUDIT_CHECKPOINT_DIR", VAR_DIR / "checkpoints")
AUDIT_RETENTION_YEARS = env.whole_number("AUDIT_RETENTION_YEARS", 5, 1, 100)

# --- make run ----------------------------------------------------------------------------------------

PORT = env.whole_number("PORT", 8000, 1, 65_535)
DEMO_PASSWORD = env.secret("DEMO_PASSWORD")

# --- People -----------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/campaigns/"
LOGOUT_REDIRECT_URL = "login"
AXES_HANDLER = "cxadmin.accounts.lockout.Handler"
AXES_LOCKOUT_CALLABLE = "cxadmin.accounts.lockout.respond"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_VERBOSE = False
# Networks of our own proxies, whose X-Forwarded-For is trusted; without any, the header is ignored.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")

# --- Browsers ---------------------------------------------------------------------------------------

# Since the person last did something; a page that refreshes itself doesn't count.
SESSION_COOKIE_AGE = 60 * 60
if HTTPS:
    # Browsers accept cookies of these names only over TLS and from this very host, not from a sibling in its domain.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
DEFAULT_EXCEPTION_REPORTER_FILTER = "cxadmin.debug_pages.SettingsFilter"
# A schedule of ten thousand rows, by mistake or malice, still gets its findings; a larger one gets 400.html.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 40_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# No line of the log shows one of these. Entry points add the secrets that they create.
SECRETS = frozenset({*env.secrets, SECRET_KEY, CXONE_WEBHOOK_TOKEN, *CXONE_WEBHOOK_SECRET.replace(",", " ").split()})

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "cxadmin.logs.Formatter", "format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "filters": {"once_a_minute": {"()": "cxadmin.logs.OnceAMinute"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["once_a_minute"]},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # httpx logs every URL that it requests; ours can contain the webhook token.
        "httpx": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        # Celery logs each task, but what a task does is in the rows.
        "celery": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
