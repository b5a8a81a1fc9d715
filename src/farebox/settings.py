"""
Settings, read once from the environment; `docs/configuration.md` lists them.

One data folder holds everything. No secret has a default: the key is made when the data folder is first
opened (`farebox.house`), and until then each process has one of its own that nothing outlives.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from farebox.records.postgres.address import database_of

DATA = Path(os.environ.get("FAREBOX_DATA", "farebox-data")).resolve()
"""The data folder: records, warehouse, secret key, lock."""

HOST = os.environ.get("FAREBOX_HOST", "127.0.0.1")


def _whole(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{name} is {text!r}, and should be a whole number like {default}")
    return int(text)


def _one_of(name: str, default: str, *words: str) -> str:
    text = os.environ.get(name, default)
    if text not in words:
        raise ValueError(f"{name} is {text!r}, and should be one of {', '.join(words)}")
    return text


PORT = _whole("FAREBOX_PORT", 8000)
BASE_URL = os.environ.get("FAREBOX_BASE_URL", f"http://{HOST}:{PORT}").rstrip("/")
"""The address that links are built from; never the request's Host header."""

DEMO = os.environ.get("FAREBOX_DEMO", "") == "1"
"""Whether the pages say that everything shown is a demonstration."""

SECRET_KEY_FILE = DATA / "secret.key"


def _secret_key() -> str:
    given = os.environ.get("FAREBOX_SECRET_KEY")
    if given:
        return given
    if SECRET_KEY_FILE.is_file():
        return SECRET_KEY_FILE.read_text(encoding="ascii")
    return secrets.token_urlsafe(48)


SECRET_KEY = _secret_key()
DEBUG = False
_SECURE = urlsplit(BASE_URL).scheme == "https"
ALLOWED_HOSTS = [urlsplit(BASE_URL).hostname or HOST, "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "farebox.records",
    "farebox.web",
    "allauth",
    "allauth.account",
    "oauth2_provider",
    "django_htmx",
]

MIDDLEWARE = [
    "farebox.web.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "farebox.web.middleware.PersonLocale",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "farebox.urls"
WSGI_APPLICATION = "farebox.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "farebox.web.context.layout",
            ]
        },
    }
]

DATABASE_URL = os.environ.get("FAREBOX_DATABASE_URL", "")
"""The address of a PostgreSQL database that holds the records; without one they are a file in the data folder."""

_EMBEDDED = {
    "ENGINE": "farebox.records.sqlite",
    "NAME": DATA / "farebox.sqlite3",
    "CONN_MAX_AGE": None,  # opening the file for each request costs as much as deciding what it asks
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8000;"
        ),
    },
}
DATABASES = {"default": database_of(DATABASE_URL) if DATABASE_URL else _EMBEDDED}
WAREHOUSE = DATA / "warehouse.duckdb"
WAREHOUSE_MEMORY_MB = _whole("FAREBOX_WAREHOUSE_MEMORY_MB", 1024)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "records.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "farebox.records.hashers.AppSecretHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "farebox.web.accounts.Adapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_USER_DISPLAY = "farebox.web.accounts.display"
ACCOUNT_SESSION_REMEMBER = False

OAUTH2_PROVIDER_APPLICATION_MODEL = "records.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "records.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "records.AccessToken"  # noqa: S105 — the name of a model
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "records.RefreshToken"  # noqa: S105 — the name of a model
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "records.IDToken"  # noqa: S105 — the name of a model
OAUTH2_PROVIDER = {
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
    "CLIENT_SECRET_HASHER": "app_secret",
    "SCOPES": {"data:read": "Read usage data", "data:write": "Request exports and change schedules"},
    "DEFAULT_SCOPES": ["data:read"],
}

SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SESSION_COOKIE_NAME = "__Host-farebox" if _SECURE else "farebox"
CSRF_COOKIE_NAME = "__Host-farebox-csrf" if _SECURE else "farebox-csrf"
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
EVENTS_MAX_BYTES = 8 * 1024 * 1024
"""The largest body of one request to the events endpoint, counted after decompression."""

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sv", "Svenska"), ("fr", "Français"), ("ja", "日本語")]
LOCALE_PATHS = [Path(__file__).parent / "web" / "locale"]
LANGUAGE_COOKIE_NAME = "farebox-language"
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

LOG_LEVEL = _one_of("FAREBOX_LOG_LEVEL", "WARNING", "DEBUG", "INFO", "WARNING", "ERROR")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {
        "handlers": ["console"],
        "level": LOG_LEVEL,
    },
}
