"""Settings, read from the environment and `.env` by cxadmin/environment.py. docs/settings.md explains each.

Importing this changes nothing and refuses nothing: what is wrong is found by the checks (`checks.py` of each app), and
what was not given is made by the entry points (cxadmin/entry_point.py).
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from cxadmin import database_url, environment, local, silence

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
    # Before Django's own, one of whose commands it replaces.
    "cxadmin.accounts",
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
    # Their tables only: none of their addresses and templates, and no provider before somebody signs in with one.
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "audit",
    "campaigns",
    "cxadmin",
]

MIDDLEWARE = [
    "cxadmin.request_ids.RequestIdMiddleware",
    "cxadmin.responses.HeadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "cxadmin.responses.IsolationMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "cxadmin.compression.CompressionMiddleware",
    "cxadmin.responses.NoStoreMiddleware",
    # Nothing above reads a body or a session; what is below may.
    "cxadmin.bounds.BodyLimitMiddleware",
    "cxadmin.health.ProbeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cxadmin.accounts.middleware.ReaderZoneMiddleware",
    "campaigns.pages.reader.ReaderClockMiddleware",
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
                "campaigns.pages.capabilities.of_cxone",
                "campaigns.pages.freshness.head",
                "campaigns.pages.tray.tray_for_pages",
                "audit.integrity.known_break.for_pages",
                "cxadmin.accounts.sessions.session_countdown",
            ],
        },
    },
]

# --- Where things are kept -------------------------------------------------------------------------

DATABASES = {"default": database_url.read_database(env, "DATABASE_URL", VAR_DIR / "campaign-control.sqlite3")}
DATABASE_POOLED = env.switch("DATABASE_POOLED")
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
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = "cxadmin.postgresql"
    for name, value in silence.POSTGRESQL.items():
        DATABASES["default"].setdefault("OPTIONS", {}).setdefault(name, value)
    if DATABASE_POOLED:
        # The next transaction may be in another session, which knows neither this one's statements nor its cursors.
        DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
    else:
        # No transaction of ours waits for anything but the database. A process that is frozen in the middle of one, as
        # on a suspended machine, would keep its locks, and so everybody else waiting: PostgreSQL ends it instead.
        # And no statement is compiled (JIT): that takes longer than any of ours runs.
        options = "-c idle_in_transaction_session_timeout=15s -c jit=off"
        of_connections = DATABASES["default"].setdefault("OPTIONS", {})
        of_connections.setdefault("options", options)
        # From its third use on a connection, for cursors that ask for it (cxadmin/postgresql).
        of_connections["prepare_threshold"] = 2
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

CELERY_BROKER_URL = environment.verifying_broker(REDIS_URL) or "memory://localhost/"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "global_keyprefix": "campaign-control:",
        # A click sends its wake-up once and waits no longer than this; without max_retries it would try for 6 s.
        "max_retries": 0,
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
        "socket_keepalive": True,
        "socket_keepalive_options": silence.REDIS,
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
    "campaigns.tasks.run_gathered": {"queue": "interactive"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1 if REDIS_URL else 0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_WORKER_SEND_TASK_EVENTS = False

# --- CXone ------------------------------------------------------------------------------------------

CXONE_DIALECT = env.choice("CXONE_DIALECT", ("v2", "published"))
_published = CXONE_DIALECT == "published"
CXONE_INSTANCE = env.label("CXONE_INSTANCE")
CXONE_REGION = env.label("CXONE_REGION")
CXONE_BASE_URL = env.address("CXONE_BASE_URL")
if not CXONE_BASE_URL and CXONE_INSTANCE and not _published:
    CXONE_BASE_URL = f"https://{CXONE_INSTANCE.lower()}.mycxone.com"
if not CXONE_BASE_URL and CXONE_REGION and not _published:
    CXONE_BASE_URL = f"https://api.{CXONE_REGION.lower()}.my.cxone.com"
CXONE_TENANT_ID = env.text("CXONE_TENANT_ID")
CXONE_ACCESS_KEY_ID = env.text("CXONE_ACCESS_KEY_ID")
CXONE_ACCESS_KEY_SECRET = env.secret("CXONE_ACCESS_KEY_SECRET")
# The address of the simulated CXone that `up` runs, for commands in another shell.
SIMULATOR_FILE = VAR_DIR / "simulator.address"
_simulator = "" if env.problems or TESTING else local.text_if_readable(SIMULATOR_FILE).strip()
# The processes that `up` starts are given its address.
# In the published dialect NICE's directory knows the address of whoever has an access key.
CXONE_IS_MEANT = bool(CXONE_BASE_URL) or (_published and bool(CXONE_ACCESS_KEY_ID or CXONE_TENANT_ID or CXONE_REGION))
CXONE_SIMULATED = bool(_simulator) and (not CXONE_IS_MEANT or _simulator == CXONE_BASE_URL)
if CXONE_SIMULATED:
    CXONE_BASE_URL = _simulator
CXONE_TOKEN_URL = env.address("CXONE_TOKEN_URL")
CXONE_CLIENT_ID = env.text("CXONE_CLIENT_ID")
CXONE_CLIENT_SECRET = env.secret("CXONE_CLIENT_SECRET")
if CXONE_SIMULATED:
    CXONE_CLIENT_ID = CXONE_CLIENT_ID or "simulator"
    CXONE_CLIENT_SECRET = CXONE_CLIENT_SECRET or "simulator-secret"
    CXONE_ACCESS_KEY_ID = CXONE_ACCESS_KEY_ID or "simulator===="
    CXONE_ACCESS_KEY_SECRET = CXONE_ACCESS_KEY_SECRET or "simulator-secret===="
# NICE's own addresses, of the published dialect.
_directory = CXONE_BASE_URL if CXONE_SIMULATED else "https://cxone.niceincontact.com"
if not CXONE_TOKEN_URL and _published and CXONE_CLIENT_ID:
    CXONE_TOKEN_URL = f"{_directory}/auth/token"
elif not CXONE_TOKEN_URL and _published and CXONE_REGION:
    CXONE_TOKEN_URL = f"https://{CXONE_REGION.lower()}.nice-incontact.com/authentication/v1/token/access-key"
elif not CXONE_TOKEN_URL and CXONE_BASE_URL and not _published:
    CXONE_TOKEN_URL = f"{CXONE_BASE_URL}/oauth/token"
CXONE_DIRECTORY_URL = _directory
CXONE_TOKEN_AUTH = env.choice("CXONE_TOKEN_AUTH", ("post", "basic"))
CXONE_API_VERSION = env.text("CXONE_API_VERSION", "v34.0")
CXONE_TIMEZONE = env.text("CXONE_TIMEZONE")
CXONE_RATE_PER_MINUTE = env.whole_number("CXONE_RATE_PER_MINUTE", 60 if _published else 200, 10, 10_000)
CXONE_WEBHOOK_TOKEN = env.secret("CXONE_WEBHOOK_TOKEN") or local.made_or_ephemeral(VAR_DIR / "webhook_token")
# One, or two with a comma between while one replaces the other.
CXONE_WEBHOOK_SECRET = env.secret("CXONE_WEBHOOK_SECRET")
SYNC_INTERVAL_SECONDS = env.whole_number("SYNC_INTERVAL_SECONDS", 15, 2, 3600)
CALLS_HISTORY_DAYS = env.whole_number("CALLS_HISTORY_DAYS", 31, 1, 400)
CONFIRM_SECONDS = env.whole_number("CONFIRM_SECONDS", 90, 5, 3600)

# --- WFM ---------------------------------------------------------------------------------------------

WFM_ALLOW_PRIVATE = env.switch("WFM_ALLOW_PRIVATE")
WFM_WEBHOOK_URL = env.text("WFM_WEBHOOK_URL")
WFM_WEBHOOK_SECRET = env.secret("WFM_WEBHOOK_SECRET")
# What nobody attends to.
NOTIFY_ALLOW_PRIVATE = env.switch("NOTIFY_ALLOW_PRIVATE")
NOTIFY_WEBHOOK_URL = env.text("NOTIFY_WEBHOOK_URL")
NOTIFY_WEBHOOK_SECRET = env.secret("NOTIFY_WEBHOOK_SECRET")

# --- Audit -------------------------------------------------------------------------------------------

AUDIT_SIGNING_KEY_FILE = env.path("AUDIT_SIGNING_KEY_FILE", VAR_DIR / "audit_signing_key.pem")
AUDIT_RETIRED_KEYS = frozenset(key.lower() for key in env.listed("AUDIT_RETIRED_KEYS"))
AUDIT_CHECKPOINT_DIR = env.path("AUDIT_CHECKPOINT_DIR", VAR_DIR / "checkpoints")
AUDIT_RETENTION_YEARS = env.whole_number("AUDIT_RETENTION_YEARS", 5, 1, 100)

# --- make run ----------------------------------------------------------------------------------------

PORT = env.whole_number("PORT", 8000, 1, 65_535)
DEMO_PASSWORD = env.secret("DEMO_PASSWORD")
# So many of the simulated campaigns dial as they mustn't.
SIMULATOR_OFFENDERS = env.whole_number("SIMULATOR_OFFENDERS", 3, 0, 100)

# --- People -----------------------------------------------------------------------------------------

# A person has one of them; cxadmin/accounts/roles.py says what each may do.
ROLES = ("supervisor", "reviewer", "admin")
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "cxadmin.accounts.rights.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_HANDLER = "cxadmin.accounts.lockout.Handler"
AXES_LOCKOUT_CALLABLE = "cxadmin.accounts.lockout.respond"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_VERBOSE = False
PASSWORD_SIGN_IN = env.switch("PASSWORD_SIGN_IN", "on")
# By default only where what an admin does is real: the accounts of a demonstration share one printed password.
MFA_REQUIRED_FOR = env.chosen(
    "MFA_REQUIRED_FOR", ROLES, default=("admin",) if CXONE_IS_MEANT and not CXONE_SIMULATED else ()
)
MFA_ADAPTER = "cxadmin.accounts.factors.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Networks of our own proxies, whose X-Forwarded-For is trusted; without any, the header is ignored.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")

# --- Monitoring -------------------------------------------------------------------------------------

# Of /metrics. Without one only this machine is shown them.
METRICS_TOKEN = env.secret("METRICS_TOKEN")
LOG_FORMAT = env.choice("LOG_FORMAT", ("text", "json"))

# --- Sign-in through the company (OpenID Connect) ----------------------------------------------------

OIDC_ISSUER = env.address("OIDC_ISSUER")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.secret("OIDC_CLIENT_SECRET")
OIDC_IS_ON = bool(OIDC_ISSUER and OIDC_CLIENT_ID and OIDC_CLIENT_SECRET)
OIDC_ROLE_CLAIM = env.text("OIDC_ROLE_CLAIM", "groups")
# By group of the claim.
OIDC_ROLES = env.groups("OIDC_ROLES", "supervisor=cc-floor,reviewer=cc-compliance,admin=cc-admins", ROLES)
SOCIALACCOUNT_ADAPTER = "cxadmin.accounts.company.adapter.CompanyAdapter"

# --- Browsers ---------------------------------------------------------------------------------------

# Since the person last did something; a page that refreshes itself doesn't count.
SESSION_COOKIE_AGE = 60 * 60
SESSION_ENGINE = "cxadmin.accounts.session_store"
# Browsers accept cookies of such names only over TLS and from this very host, not from a sibling in its domain.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "cxadmin.message_storage.MessageStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
if HTTPS:
    # W008: the proxy redirects to TLS (docs/deployment.md), and whoever checks this process from its own machine has
    # none. W021: a browser's preload list is for a whole domain, which isn't ours to decide on.
    SILENCED_SYSTEM_CHECKS = ["security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
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
        else "cxadmin.static_files.RememberedNames"
    },
}

# No line of the log shows one of these. Entry points add the secrets that they create.
SECRETS = frozenset({*env.secrets, SECRET_KEY, CXONE_WEBHOOK_TOKEN, *CXONE_WEBHOOK_SECRET.replace(",", " ").split()})

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "cxadmin.logs.Formatter", "log_format": LOG_FORMAT}},
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
