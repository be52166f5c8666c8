"""How the parts are put together: everything that differs between machines comes from the environment."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

SECRET_KEY = env("SECRET_KEY", default="only-for-tests-and-commands")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
BASE_URL = env("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
USE_X_FORWARDED_HOST = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if USE_X_FORWARDED_HOST else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "axes",
    "csp",
    "common",
    "accounts",
    "history",
    "projects",
    "reminders",
    "milestones",
    "funding",
    "portfolio",
    "portal",
]

MIDDLEWARE = [
    "common.api.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.SizeMiddleware",
    "portal.middleware.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.LanguageMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "portal.views.frame.frame",
            ],
            "builtins": ["portal.templatetags.formats"],
        },
    }
]

# One role runs (`app`), another migrates (OWNER_DATABASE_URL, given as DATABASE_URL to `migrate`).
DATABASES = {"default": env.db("DATABASE_URL", default="postgresql://app@127.0.0.1:5432/portfolio")}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# --- who ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 30 * 60  # idle sign-out, GB/T 22239
SESSION_SAVE_EVERY_REQUEST = True
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # losing Redis signs nobody out
ACCOUNT_ADAPTER = "portal.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_RATE_LIMITS = False  # axes counts failures, in the database
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "portal.views.sign_in.locked"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False

# --- words and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / ".data" / "static")))
STATICFILES_DIRS = (
    [("vendor", BASE_DIR / "node_modules" / "htmx.org" / "dist")] if (BASE_DIR / "node_modules" / "htmx.org").exists() else []
)
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(BASE_DIR / ".data" / "files")))  # originals and thumbnails, by their hash
LARGEST_FILE = 30 * 1024 * 1024
LARGEST_FORM = 140 * 1024 * 1024  # nine photos of 15 MB, and what else is typed
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "common.uploads.CappedUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 12  # nine photos an act, and room to say so
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- the API -----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["common.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.api.parsers.JSONParser", "common.api.parsers.MergePatchParser"],
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_THROTTLE_CLASSES": ["common.api.throttling.PrincipalThrottle"],
    "DEFAULT_SCHEMA_CLASS": "common.api.schema.ProblemAwareSchema",
    "EXCEPTION_HANDLER": "common.api.exceptions.problem_response",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "iso-8601",
}
RATE_LIMIT = env.int("RATE_LIMIT", default=6000)  # calls a minute for a principal; 0 sets none
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a pasted table: 1000 lines of eight cells
SPECTACULAR_SETTINGS = {
    "TITLE": "重大项目台账",
    "DESCRIPTION": "重大项目、资金与节点的登记与催办。Major-project portfolio tracker.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "StageEnum": "projects.lifecycle.Stage",
        "ProjectNatureEnum": "projects.models.Nature",
        "AssignmentPartEnum": "projects.models.Part",
        "ApprovalModeEnum": "projects.models.ApprovalMode",
        "LevelEnum": "projects.models.Level",
        "RegionKindEnum": "projects.models.Region.Kind",
        "OfficeKindEnum": "accounts.models.OfficeKind",
        "EvidenceKindEnum": "projects.models.EvidenceKind",
        "ProblemKindEnum": "projects.models.ProblemKind",
        "ProblemLevelEnum": "projects.models.ProblemLevel",
        "ProblemStateEnum": "projects.models.ProblemState",
        "EditedProblemStateEnum": "projects.api.serializers.problems.EDITED_PROBLEM",
        "EditedPermitStateEnum": "projects.api.serializers.problems.EDITED_PERMIT",
        "PermitKindEnum": "projects.models.PermitKind",
        "PermitStateEnum": "projects.models.PermitState",
        "MilestoneKindEnum": "milestones.models.Kind",
        "BasisEnum": "milestones.models.Basis",
        "DateChangeCauseEnum": "milestones.models.Cause",
        "SourceKindEnum": "funding.lifecycle.SourceKind",
        "SourceStateEnum": "funding.lifecycle.SourceState",
        "UseEnum": "funding.lifecycle.Use",
        "FrequencyEnum": "funding.lifecycle.Frequency",
        "TransferKindEnum": "funding.lifecycle.Kind",
        "FactKindEnum": "funding.lifecycle.FactKind",
        "RequestKindEnum": "funding.lifecycle.RequestKind",
        "RequestStateEnum": "common.decisions.RequestState",
        "CheckLevelEnum": "funding.lifecycle.Level",
        "EligibilityListEnum": "funding.lifecycle.EligibilityList",
        "FindingSubjectEnum": "funding.lifecycle.FindingSubject",
        "FindingStateEnum": "funding.lifecycle.FindingState",
        "ReportStateEnum": "projects.models.ReportState",
        "CommitmentKindEnum": "portfolio.models.CommitmentKind",
        "RungKindEnum": "reminders.lifecycle.RungKind",
        "SubjectKindEnum": "reminders.lifecycle.SubjectKind",
        "LetterEnum": "reminders.lifecycle.Letter",
        "NumberedLetterEnum": "reminders.lifecycle.NumberedLetter",
        "MuteScopeEnum": "reminders.lifecycle.MuteScope",
        "MuteStateEnum": "reminders.lifecycle.MuteState",
        "ReminderStateEnum": "reminders.lifecycle.ReminderState",
        "DeliveryStateEnum": "reminders.lifecycle.DeliveryState",
        "ChannelEnum": "reminders.lifecycle.Channel",
        "BrakeStateEnum": "reminders.lifecycle.BrakeState",
    },
}

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/api/v1/docs/",),
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- what runs when: the beat table is in config/celery.py -------------------------------------------------------
REPORT_CLOSING_DAY = env.int("REPORT_CLOSING_DAY", default=5)  # of the month after, 1 to 28: the last day to file a month
if not 1 <= REPORT_CLOSING_DAY <= 28:
    raise ImproperlyConfigured(f"REPORT_CLOSING_DAY 须是 1 到 28 的整数（每个月都有的日子），现为 {REPORT_CLOSING_DAY}。")
REMINDER_WINDOW = env("REMINDER_WINDOW", default="working 08:30-18:00")
REMINDER_STORM_LIMIT = env.int("REMINDER_STORM_LIMIT", default=5000)  # messages a window; more are held until somebody releases them
HEARTBEAT_URL = env("HEARTBEAT_URL", default="")  # is asked after every completed sweep: who misses it raises the alarm
# whether robots and webhooks may stand on this machine or in a private network
CHANNEL_ALLOW_PRIVATE = env.bool("CHANNEL_ALLOW_PRIVATE", default=False)
LETTER_PREFIX = env("LETTER_PREFIX", default="新项")  # 新项督〔2026〕12号
MESSAGE_ID_HOST = env("MESSAGE_ID_HOST", default="tracker.invalid")
vars().update(env.email_url("EMAIL_URL", default="smtp://127.0.0.1:25"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="重大项目台账 <tracker@localhost>")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "common.tracing.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS = ["axes.W003"]
