"""Django's settings, all of them, read from the environment once.

The rule that it guards: a setting that cannot be understood stops the program with its name and its value,
never with a guess. Each ALLSTOP_ variable is described in docs/settings.md; a test holds the two together.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from allstop import postgres, whole_file


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, "")
    match value.lower():
        case "":
            return default
        case "true" | "yes" | "on" | "1":
            return True
        case "false" | "no" | "off" | "0":
            return False
        case _:
            raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def env_int(name: str, default: int, lowest: int, highest: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdecimal() or not lowest <= int(value) <= highest:
        raise ImproperlyConfigured(f"{name} must be a number from {lowest} to {highest}, not {value!r}.")
    return int(value)


def env_list(name: str, default: str) -> list[str]:
    return [word for word in (os.environ.get(name) or default).replace(",", " ").split() if word]


def env_url(name: str, default: str) -> str:
    value = os.environ.get(name) or default
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like https://allstop.example.com, not {value!r}.")
    return value.rstrip("/")


def kept_secret(file: Path) -> str:
    """The installation's secret, written once. Two processes that start together read the same one."""
    if not file.exists():
        postgres.make_home(file.parent)
        with whole_file.draft(file, secrets.token_urlsafe(50)) as draft, suppress(FileExistsError):
            file.hardlink_to(draft)
        whole_file.flush_names(file.parent)
    return file.read_text()


def kept_port(file: Path) -> int:
    """Where `allstop serve` of this home listened last, so that links made by a command lead there too."""
    kept = file.read_text() if file.is_file() else ""
    return int(kept) if kept.isdecimal() and 1 <= int(kept) <= 65535 else 8000


HOME = postgres.home_folder(os.environ)
PORT = env_int("ALLSTOP_PORT", kept_port(HOME / "port"), 1, 65535)
URL = env_url("ALLSTOP_URL", f"http://127.0.0.1:{PORT}")
ON_HTTPS = URL.startswith("https://")

DEBUG = env_bool("ALLSTOP_DEBUG", False)
SECRET_KEY = os.environ.get("ALLSTOP_SECRET_KEY") or kept_secret(HOME / "secret_key")
SUPPRESSION_KEY = os.environ.get("ALLSTOP_SUPPRESSION_KEY") or kept_secret(HOME / "suppression_key")
SEALING_KEY = os.environ.get("ALLSTOP_SEALING_KEY") or ""
SEALING_KEY_FILE = Path(os.environ.get("ALLSTOP_SEALING_KEY_FILE") or HOME / "sealing_key")
ALLOWED_HOSTS = env_list("ALLSTOP_HOSTS", "localhost,127.0.0.1,[::1]")
if (hostname := urlsplit(URL).hostname) and hostname not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(hostname)

FEED_FOLDERS = env_list("ALLSTOP_FEED_FOLDERS", "") or [str(HOME / "feeds" / "{account}")]
FEEDS_PRIVATE = env_bool("ALLSTOP_FEEDS_PRIVATE", False)
CALLS_FROM = os.environ.get("ALLSTOP_CALLS_FROM", "")
WEBHOOKS_PRIVATE = env_bool("ALLSTOP_WEBHOOKS_PRIVATE", False)

ROOT_URLCONF = "allstop.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allstop.store",
    "allstop.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allstop.console.security.ContentSecurityPolicy",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "console" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "allstop.console.frame.frame_of_visitor",
            ],
        },
    },
]

# The address of the embedded server is known before it runs, so these settings can be read at any time;
# whoever needs the database opens postgres.running() around the work.
DATABASES = {"default": postgres.django_database(os.environ.get("DATABASE_URL") or postgres.address(HOME))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# ATOMIC_REQUESTS stays off: a page that holds a transaction open would hold the rows that a stop must lock.
# Each action opens its own short transaction instead.

AUTH_USER_MODEL = "store.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "allstop.console.signup.ClosedSignup"
ACCOUNT_FORMS = {
    "login": "allstop.console.log_in_forms.LogIn",
    "reset_password": "allstop.console.log_in_forms.ResetPassword",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an admin adds people by their address; nobody signs up by himself
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ON_HTTPS else "http"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Allstop] "
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Allstop"

# Cookies do not tell ports apart: two installations on one machine would log each other out without the port.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 21_000  # a START may pick 20,000 single messages
SESSION_COOKIE_NAME = f"allstop_session_{PORT}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ON_HTTPS
CSRF_COOKIE_NAME = f"allstop_csrf_{PORT}"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = ON_HTTPS
CSRF_TRUSTED_ORIGINS = [URL]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Served from where they lie: no collecting step before a start. A page asks again after a minute whether a
# file changed, so an update reaches open browsers without names that carry a hash.
STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Allstop's own mail (password resets, notices), not the messages of the accounts. Without a server it goes to files.
DEFAULT_FROM_EMAIL = os.environ.get("ALLSTOP_MAIL_FROM") or "Allstop <allstop@localhost>"
EMAIL_HOST = os.environ.get("ALLSTOP_MAIL_HOST") or ""
EMAIL_PORT = env_int("ALLSTOP_MAIL_PORT", 587, 1, 65535)
EMAIL_HOST_USER = os.environ.get("ALLSTOP_MAIL_USER") or ""
EMAIL_HOST_PASSWORD = os.environ.get("ALLSTOP_MAIL_PASSWORD") or ""
EMAIL_USE_TLS = env_bool("ALLSTOP_MAIL_TLS", True)
EMAIL_TIMEOUT = 10
NOTICE_MAILS = env_bool("ALLSTOP_NOTICE_MAILS", True)
EMAIL_FILE_PATH = HOME / "mail"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"

# Django's own default prints no error of a page when DEBUG is off.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"one_line": {"()": "allstop.log_lines.OneLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one_line"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},  # a page that does not exist is no event
    },
}
