"""
Settings, read once from the environment; `docs/configuration.md` lists them.

One data folder holds everything. No secret has a default: the key is made when the data folder is first
opened (`farebox.house`), and until then each process has one of its own that nothing outlives.
"""

from __future__ import annotations

import os
import secrets
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from limits import RateLimitItem, parse_many

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


def _secret(name: str, file: str) -> str:
    """Return a secret that is given itself, or as the first line of a file."""
    given = Path(file).read_text(encoding="utf-8").splitlines() if file else []
    return given[0] if given else os.environ.get(name, "")


def _sender(name: str) -> str:
    text = os.environ.get(name, "") or f"Farebox <farebox@{urlsplit(BASE_URL).hostname or HOST}>"
    address = parseaddr(text)[1]
    if not text.isprintable() or address.count("@") != 1 or " " in address:
        raise ValueError(f"{name} is {text!r}, and should be an address like Farebox <farebox@example.com>")
    return text


def _link(name: str) -> str:
    text = os.environ.get(name, "")
    if text and urlsplit(text).scheme not in ("http", "https"):
        raise ValueError(f"{name} is {text!r}, and should be an address like https://www.example.com/privacy")
    return text


def _rates(name: str) -> list[RateLimitItem]:
    text = os.environ.get(name, "")
    try:
        return parse_many(text) if text else []
    except ValueError as error:
        raise ValueError(f"{name} is {text!r}, and should be rates like 50/minute with ; between them") from error


PORT = _whole("FAREBOX_PORT", 8000)
BASE_URL = os.environ.get("FAREBOX_BASE_URL", f"http://{HOST}:{PORT}").rstrip("/")
"""The address that links are built from; never the request's Host header."""

DEMO = os.environ.get("FAREBOX_DEMO", "") == "1"
"""Whether the pages say that everything shown is a demonstration."""

PRIVACY_URL = _link("FAREBOX_PRIVACY_URL")
"""The operator's privacy policy, to which every report links; empty: no link."""

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
    "allauth.mfa",
    "allauth.socialaccount",
    "oauth2_provider",
    "corsheaders",
    "django_htmx",
]

MIDDLEWARE = [
    "farebox.web.middleware.SecurityHeaders",
    "farebox.web.middleware.Packed",
    "corsheaders.middleware.CorsMiddleware",
    "farebox.api.edge.Edge",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "farebox.web.sitting.Sitting",
    "farebox.web.refusals.Refusals",
    "farebox.web.middleware.PersonLocale",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "farebox.web.middleware.OpenedForms",
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
EXPORTS = Path(os.environ.get("FAREBOX_EXPORTS") or DATA / "exports").resolve()
"""Where the files of exports are; several servers that share their records share this folder too."""
EXPORT_DAYS = _whole("FAREBOX_EXPORT_DAYS", 14)
"""How long the file of an export is kept."""
EXPORT_MEGABYTES = _whole("FAREBOX_EXPORT_MEGABYTES", 10_240)
"""How much room the finished files of one team may take."""
MONTHS = _one_of("FAREBOX_MONTHS", "complete", "complete", "to_date", "rolling")
"""What "the last three months" of a page are: complete ones, or up to today (domain T4)."""
APPROVAL_TOKENS = _whole("FAREBOX_APPROVAL_TOKENS", 0)
"""Above how many tokens something takes two operators; 0: one operator is enough for anything."""
QUERY_THREADS: int = _whole("FAREBOX_QUERY_THREADS", 4)
"""Threads that carry out queries of the usage API; 0 has each carried out by the request that asks."""
QUERY_HOLD_SECONDS = _whole("FAREBOX_QUERY_HOLD_SECONDS", 5)
"""For how long a query waits for its answer before it is answered with its id alone."""

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "records.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["farebox.records.hashers.Argon2id", "farebox.records.hashers.AppSecretHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "farebox.records.hashers.LengthValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60

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
ACCOUNT_FORMS = {"user_token": "farebox.web.forms.ResetTokenForm"}
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "invitation": "20/m/ip",
}
"""How often one may try, by the address that asks and by the account that is asked for (quality: passwords)."""

ALLAUTH_TRUSTED_PROXY_COUNT = _whole("FAREBOX_TRUSTED_PROXIES", 0)
"""How many proxies stand before the server; only then is it believed what X-Forwarded-For says, and only of them."""

ADMIN_TOTP = _one_of("FAREBOX_ADMIN_TOTP", "off", "off", "required")
"""Whether administrators and operators need a second factor where no single sign-on vouches for them."""
MFA_ADAPTER = "farebox.web.accounts.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Farebox"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody chooses an address here: accounts come from an operator or an invitation

SOCIALACCOUNT_ADAPTER = "farebox.web.single_sign_on.Adapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SSO_ALLOW_PRIVATE = os.environ.get("FAREBOX_SSO_ALLOW_PRIVATE", "") == "1"
"""Whether identity providers may be at addresses of the own network, and without TLS."""
DNS_SERVERS = [one for one in os.environ.get("FAREBOX_DNS", "").split(",") if one]
"""The resolvers that are asked for the proof of a domain, as ADDRESS or ADDRESS:PORT; empty: the machine's own."""

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}},
}
"""What counts tries: of this process; with few entries, whoever asks for many accounts would have them forgotten."""

OAUTH2_PROVIDER_APPLICATION_MODEL = "records.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "records.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "records.AccessToken"  # noqa: S105 — the name of a model
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "records.RefreshToken"  # noqa: S105 — the name of a model
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "records.IDToken"  # noqa: S105 — the name of a model
OAUTH_COMPATIBILITY = os.environ.get("FAREBOX_OAUTH_COMPATIBILITY", "") == "1"
"""
Whether programs written for older servers may use what is off otherwise: the implicit grant where a program is
registered for it, the addresses under `/authentication/v1`, and http addresses of other machines to return to.
"""

OAUTH_CHAIN_DAYS = 90
"""How long a program may go on refreshing before the person has to sign in again."""
OAUTH_IDLE_DAYS = 15
"""How long a refresh token waits for its use."""

OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "farebox.services.oauth.validator.Validator",
    "OAUTH2_BACKEND_CLASS": "farebox.services.oauth.core.Core",
    "ACCESS_TOKEN_GENERATOR": "farebox.services.oauth.secrets.access_token",
    "REFRESH_TOKEN_GENERATOR": "farebox.services.oauth.secrets.refresh_token",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "REFRESH_TOKEN_EXPIRE_SECONDS": OAUTH_IDLE_DAYS * 86_400,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
    "CLIENT_SECRET_HASHER": "app_secret",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "OIDC_ISS_ENDPOINT": BASE_URL,
    "SCOPES": {
        "data:read": "Read usage data",
        "data:write": "Request exports, change schedules, replace charge-back values of people",
    },
    "DEFAULT_SCOPES": ["data:read"],
}

SESSION_ENGINE = "farebox.records.sessions"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SESSION_COOKIE_NAME = "__Host-farebox" if _SECURE else "farebox"
CSRF_COOKIE_NAME = "__Host-farebox-csrf" if _SECURE else "farebox-csrf"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # when it ends otherwise is the server's to say
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
EVENTS_MAX_BYTES = 8 * 1024 * 1024
"""The largest body of one request to the events endpoint, counted after decompression."""

API_RATE = _rates("FAREBOX_API_RATE")
"""How often one person may ask the usage API, over all their tokens; empty: as often as they like."""

CORS_URLS_REGEX = (
    r"^/(tokenflex/v1|v1|authentication/v[12]/(token|gettoken|revoke)|userprofile/v1|userinfo|downloads)(/|$)"
)
"""
Where pages of other sites may read answers in a browser: the API, the exchange of tokens, and downloads.

They may do so without cookies only: who asks is told by a token that the page has got, never by who sits there.
"""
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = ["authorization", "content-type", "adsk-pat", "idempotency-key", "range", "if-range"]
CORS_EXPOSE_HEADERS = ["retry-after", "content-range", "content-disposition"]

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
"""Nothing is sent past the queue: `farebox.services.mail` sends over the server below."""
MAIL_HOST = "" if DEMO else os.environ.get("FAREBOX_MAIL_HOST", "")
"""The mail server; empty: mails are written into the folder `outbox`. The demo sends to nobody."""
MAIL_SECURITY = _one_of("FAREBOX_MAIL_SECURITY", "starttls", "starttls", "tls", "none")
MAIL_PORT = _whole("FAREBOX_MAIL_PORT", {"starttls": 587, "tls": 465}.get(MAIL_SECURITY, 25))
MAIL_USER = os.environ.get("FAREBOX_MAIL_USER", "")
MAIL_PASSWORD = _secret("FAREBOX_MAIL_PASSWORD", os.environ.get("FAREBOX_MAIL_PASSWORD_FILE", ""))
MAIL_FROM = _sender("FAREBOX_MAIL_FROM")
"""The address that mails come from."""
OUTBOX = DATA / "outbox"
"""Where mails are written while there is no mail server."""

LOG_LEVEL = _one_of("FAREBOX_LOG_LEVEL", "WARNING", "DEBUG", "INFO", "WARNING", "ERROR")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "refusals": {"()": "farebox.logs.OneLine"},
        "links": {"()": "farebox.logs.Links"},
        "short": {"()": "farebox.logs.Short"},
        "hosts": {"()": "farebox.logs.Hosts"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        "django.request": {"filters": ["refusals", "links", "short"]},
        "django.security.csrf": {"filters": ["links", "short"]},
        "django.security.DisallowedHost": {"filters": ["hosts"]},
    },
    "root": {
        "handlers": ["console"],
        "level": LOG_LEVEL,
    },
}
