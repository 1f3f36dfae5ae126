"""Django settings. Everything that differs between machines comes from `aigirl_site.env`."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from aigirl_site import loading

loading.begin()  # `SiteConfig.ready` ends it

import dj_database_url

from aigirl_site.env import ROOT, env
from aigirl_site.reaching import POSTGRES_OPTIONS, layer_host

SECRET_KEY = env.secret_key
FIELD_KEYS = env.field_keys
DEBUG = env.DEBUG
ALLOWED_HOSTS = env.hosts
SITE_URL = env.SITE_URL
ENV = env

INSTALLED_APPS = [
    "unfold",  # before the admin, whose templates it replaces
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "rest_framework",
    "drf_spectacular",
    "social_django",
    "channels",
    "channels_app",
    "personas",
    "billing",
    "workers",
    "aigirl_site",
]

MIDDLEWARE = [
    "channels_app.log_context.RequestIds",
    "django.middleware.security.SecurityMiddleware",
    "channels_app.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "aigirl_site.operators.second_factor.SecondFactorDoor",
    "aigirl_site.operators.looking.LookingOn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "channels_app.twitch.login.SignInProblems",
]

ROOT_URLCONF = "aigirl_site.urls"
ASGI_APPLICATION = "aigirl_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "aigirl_site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "channels_app.context.site",
            ],
        },
    },
]

DATABASES = {"default": dj_database_url.parse(env.database_url, conn_max_age=60, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets readers and one writer live together; IMMEDIATE takes the write lock at once instead of failing later.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # What is deleted is overwritten, so that the file holds nothing of what a chatter wants forgotten.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # What the address itself says (`?connect_timeout=30`) rules.
    DATABASES["default"]["OPTIONS"] = POSTGRES_OPTIONS | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS = {
    "default": {
        # The other layer of channels_redis never heals on an open socket after a Redis restart.
        "BACKEND": "channels_app.layer.ChannelLayer",
        "CONFIG": {"hosts": [layer_host(url) for url in env.layer_urls], "prefix": env.REDIS_PREFIX},
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.redis_url,
        "KEY_PREFIX": env.REDIS_PREFIX,
    }
}

AUTH_USER_MODEL = "channels_app.User"
AUTHENTICATION_BACKENDS = [
    "channels_app.twitch.login.TwitchSignIn",
    "django.contrib.auth.backends.ModelBackend",
]
OPERATORS_URL = "/admin/"
# Operators need a code from their phone wherever others can reach the site.
SECOND_FACTOR = urlsplit(env.SITE_URL).scheme == "https"
OTP_TOTP_ISSUER = "AI Girl"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
UNFOLD = {
    "LOGIN": {"form": "aigirl_site.operators.sign_in.OperatorSignInForm"},
    "SITE_TITLE": "AI Girl",
    "SITE_HEADER": "AI Girl",
    "SITE_SYMBOL": "graphic_eq",
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "aigirl_site.operators.home.home",
    "STYLES": ["aigirl_site.operators.look.style"],
    "SCRIPTS": ["aigirl_site.operators.look.script"],
    "COLORS": "aigirl_site.operators.look.colours",
    "SITE_FAVICONS": [{"rel": "icon", "href": "aigirl_site.operators.look.icon"}],
}

LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "landing"

SOCIAL_AUTH_URL_NAMESPACE = "social"
SOCIAL_AUTH_TWITCH_KEY = env.TWITCH_CLIENT_ID
SOCIAL_AUTH_TWITCH_SECRET = env.TWITCH_CLIENT_SECRET.get_secret_value()
SOCIAL_AUTH_TWITCH_AUTHORIZATION_URL = f"{env.TWITCH_AUTH_URL}/authorize"
SOCIAL_AUTH_TWITCH_ACCESS_TOKEN_URL = f"{env.TWITCH_AUTH_URL}/token"
SOCIAL_AUTH_LOGIN_ERROR_URL = "/sign-in/"
SOCIAL_AUTH_LOGIN_REDIRECT_URL = "/home/"
SOCIAL_AUTH_REDIRECT_IS_HTTPS = env.SITE_URL.startswith("https://")
SOCIAL_AUTH_SANITIZE_REDIRECTS = True
SOCIAL_AUTH_RAISE_EXCEPTIONS = False
SOCIAL_AUTH_PIPELINE = (
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_uid",
    "social_core.pipeline.social_auth.auth_allowed",
    "channels_app.twitch.login.switch_account",
    "social_core.pipeline.social_auth.social_user",
    "channels_app.twitch.login.find_or_create_user",
    "social_core.pipeline.social_auth.associate_user",
    "social_core.pipeline.social_auth.load_extra_data",
    "channels_app.twitch.login.keep_credential",
    "channels_app.twitch.login.open_channel",
)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "channels_app.api.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["channels_app.api.authentication.CallerRate"],
    "DEFAULT_THROTTLE_RATES": {"user": "240/min", "token": "120/min"},
    "DEFAULT_SCHEMA_CLASS": "channels_app.api.schema.Described",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AI Girl",
    "DESCRIPTION": "Control an AI character that reads chat and answers aloud. See docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "RestingStateEnum": ["idle", "muted", "offline"],
        "VersionStateEnum": ["draft", "live", "past"],
    },
    "PREPROCESSING_HOOKS": ["channels_app.api.schema.only_ours"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "channels_app.api.schema.finished",
    ],
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [ROOT / "aigirl_site" / "locale"]
LANGUAGE_COOKIE_AGE = 31_536_000  # seconds: who chose a language once finds it next year
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Mails about failed payments. Without a server none leaves, and nobody counts it as sent.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if env.has_mail else 'dummy'}.EmailBackend"
EMAIL_HOST = urlsplit(env.EMAIL_SERVER).hostname or ""
EMAIL_PORT = urlsplit(env.EMAIL_SERVER).port or (465 if env.EMAIL_SERVER.startswith("smtps:") else 587)
EMAIL_HOST_USER = unquote(urlsplit(env.EMAIL_SERVER).username or "")
EMAIL_HOST_PASSWORD = unquote(urlsplit(env.EMAIL_SERVER).password or "")
EMAIL_USE_SSL = env.EMAIL_SERVER.startswith("smtps:")
EMAIL_USE_TLS = not EMAIL_USE_SSL
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.EMAIL_FROM or "webmaster@localhost"

# Pictures of avatars; served by `personas` under names nobody can guess.
MEDIA_ROOT = env.DATA_DIR / "media"

STATIC_URL = "/static/"
STATIC_ROOT = env.DATA_DIR / "static"
STATICFILES_DIRS = [path for path in [ROOT / "overlay_static" / "dist"] if path.is_dir()]
VITE_MANIFEST = ROOT / "overlay_static" / "dist" / ".vite" / "manifest.json"
# Served straight from where the packages and the build put them: no collectstatic step on a fresh machine.
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8,}\.\w+$"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # the dashboard shows the real overlay in a frame
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SAMESITE = "Lax"
if urlsplit(env.SITE_URL).scheme == "https":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = True
    LANGUAGE_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_TRUSTED_ORIGINS = [f"{urlsplit(env.SITE_URL).scheme}://{urlsplit(env.SITE_URL).netloc}"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "secrets": {"()": "channels_app.redaction.SecretFilter"},
        "about": {"()": "channels_app.log_context.AboutFilter"},
    },
    "formatters": {
        "line": {"format": "{asctime} {levelname:<7} {name}: {message}{about}", "style": "{"},
        "json": {"()": "channels_app.log_context.JsonLines"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": env.LOG_FORMAT, "filters": ["secrets", "about"]}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "httpx2": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
        "twitchio": {"level": "ERROR"},  # it warns of what the gateway mends by itself
        "django.server": {"level": "WARNING"},
        # A tick each second is no news.
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
