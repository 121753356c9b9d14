"""Settings shared by every deployment. Each environment variable is read, with its type, here."""

from pathlib import Path

import environ
from whitenoise.compress import Compressor

from sppnet_app.settings.accounts import *  # noqa: F403
from sppnet_app.settings.accounts import ACCOUNT_APPS, OIDC_ORIGINS
from sppnet_app.settings.databases import database_from_url

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
SECRETS_FILE = DATA_DIR / "secrets.json"

DEBUG = env.bool("DEBUG", False)
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
DATABASES = {
    "default": database_from_url(env.str("DATABASE_URL", f"sqlite:///{DATA_DIR}/db.sqlite3"))
}

# Limits on what people may upload, and on what the server keeps.
MAX_UPLOAD_MB = env.int("MAX_UPLOAD_MB", 200)
MAX_IMAGE_MEGAPIXELS = env.int("MAX_IMAGE_MEGAPIXELS", 150)
TRASH_DAYS = env.int("TRASH_DAYS", 30)
SECURITY_LOG_DAYS = env.int("SECURITY_LOG_DAYS", 365)
EMBEDDING_CACHE_GB = env.float("EMBEDDING_CACHE_GB", 5.0)
DECODE_MEMORY_MB = env.int("DECODE_MEMORY_MB", 2048)
# "auto": each worker finds out which engine is fastest; "torch": nothing else is used.
ENGINE = env.str("SPPNET_ENGINE", "auto")
# Engines are held against torch on these; `ml` knows nothing else of annotations.
ENGINE_IMAGES = BASE_DIR / "annotations" / "demo" / "images"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "django_vite",
    "django_celery_beat",
    "csp",
    "axes",
    "ml",
    "annotations",
    *ACCOUNT_APPS,  # after annotations, whose templates dress theirs
]
MIDDLEWARE = [
    "sppnet_app.middleware.cross_origin_isolation",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sppnet_app.middleware.last_seen",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "sppnet_app.urls"
WSGI_APPLICATION = "sppnet_app.wsgi.application"
ASGI_APPLICATION = "sppnet_app.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "annotations.language_views.words_version",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
# Each in its own words: a person looks for theirs in a list they cannot read yet.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
]
# The one catalogue, of templates and JavaScript; `makemessages` writes frontend/'s words here, too.
LOCALE_PATHS = [BASE_DIR / "annotations" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

EMAIL = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = EMAIL["EMAIL_HOST"] or "localhost", EMAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_USER"], EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
# Where e-mails send people to; whoever serves a proxy's address says which.
SITE_URL = env.str("SITE_URL", f"http://{env.str('HOST', '127.0.0.1')}:{env.str('PORT', '8000')}")
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "SPPNet Annotate <sppnet@localhost>")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "worker-src": ["'self'", "blob:"],
        "img-src": ["'self'", "blob:", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'", *OIDC_ORIGINS],
        "frame-ancestors": ["'none'"],
    }
}

MEDIA_ROOT = DATA_DIR / "media"  # never served by URL: views check the reader's role first
# (source) -> folder of images/ and labels/. `ml` calls it and knows nothing else of annotations.
TRAINING_SNAPSHOT = "annotations.services.snapshot.take_snapshot"
# (name of such a folder that is gone) -> the same folder, made again.
TRAINING_SNAPSHOT_AGAIN = "annotations.services.snapshot.restore_snapshot"
# (topics) -> how the images are to be ranked; (topics, need, tiles) once they are: ml/ranking.py
HOW_TO_RANK = "annotations.services.need.how_to_rank"
IMAGE_RANKED = "annotations.services.need.note_need"
# (sha256, ahead) of an image that had better be enlarged: ml/measuring.py
NUCLEI_ARE_SMALL = "annotations.services.image.see_enlarged"
# (id of the run), once it has ended.
TRAINING_ENDED = "annotations.services.training_notice.tell_of_the_end"
# CPU threads for training; 0: half of the cores.
TRAINING_THREADS = env.int("TRAINING_THREADS", 0)
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # the state directory, before anything needs it
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# The frontend's build writes a hash of each file's content into its name, and compresses it.
WHITENOISE_IMMUTABLE_FILE_TEST = r"/assets/.+-[\w-]{8}\.\w+$"
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "wasm")
SILENCED_SYSTEM_CHECKS = ["django_vite.W001"]  # the annotation page says it to people
DJANGO_VITE = {"default": {"manifest_path": FRONTEND_DIST / ".vite" / "manifest.json"}}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first one names the scheme, and with it makes "who are you?" a 401.
        "annotations.api.authentication.PersonalTokenAuthentication",
        "annotations.api.authentication.PersonalSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["annotations.api.signed_in.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["annotations.api.parsers.JsonParser"],
    "DEFAULT_PAGINATION_CLASS": "annotations.api.pagination.OldestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "annotations.api.errors.handle_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SPPNet Annotate",
    "DESCRIPTION": "Datasets, images, prompts and masks of nuclei.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Move": "annotations.services.flow.Move",
        "CheckpointKind": "ml.models.Checkpoint.Kind",
        "ImageStatus": "annotations.models.Image.Status",
        "JobStatus": "annotations.models.Export.Status",
        "PredictionStatus": "ml.models.Prediction.State",
        "ExportFormat": "annotations.models.Export.Format",
        "ImportFormat": "annotations.models.ImportJob.Format",
    },
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message is redelivered after this long without acknowledgement, so it must outlast every task.
CELERY_TASK_TIME_LIMIT = 26 * 3600
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 27 * 3600,
    "socket_connect_timeout": 2,
    # ml.broker.URGENT in the list "batch", AHEAD in "batch:9".
    "priority_steps": [0, 9],
    "sep": ":",
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "batch"
CELERY_TASK_ROUTES = {
    "ml.answer_prediction": {"queue": "interactive"},
    "ml.prepare_promoted": {"queue": "interactive"},
    # Not behind an encoding that may take minutes.
    "ml.requeue_lost_jobs": {"queue": "interactive"},
    "ml.encode_image": {"queue": "batch"},
    "ml.run_training": {"queue": "train"},
    "ml.run_judgement": {"queue": "train"},
    "annotations.*": {"queue": "batch"},
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = TIME_ZONE
# Each run expires when the next is due, so that none pile up while a worker is away.
CELERY_BEAT_SCHEDULE = {
    "requeue lost predictions and encodings": {
        "task": "ml.requeue_lost_jobs",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "start trainings that are due": {
        "task": "annotations.start_due_trainings",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "rank images that a new checkpoint has not ranked": {
        "task": "annotations.rank_images",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "resume lost exports and imports": {
        "task": "annotations.resume_lost_jobs",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Often enough for a computer that is on for an hour a day.
    "empty the trash": {
        "task": "annotations.empty_trash",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "merge what was counted": {
        "task": "annotations.merge_ledgers",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "compare people with each other and with the model": {
        "task": "annotations.compare_waiting",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
}
