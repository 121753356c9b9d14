"""Who gets in, and how: log-in, sign-up, second factors, lock-out, directories of others."""

from typing import Any
from urllib.parse import urlsplit

import environ

env = environ.Env()

ACCOUNT_APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django.contrib.humanize",  # for allauth's templates
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "datasets"

SIGN_UP_OPEN = env.bool("SIGN_UP_OPEN", False)
EMAIL_CONFIRMATION = env.bool("EMAIL_CONFIRMATION", False)
ACCOUNT_ADAPTER = "annotations.account_adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_CONFIRMATION else "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a changed password, a new second factor
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[SPPNet Annotate] "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
# Wrong passwords are django-axes' business, which comes first; this bounds the guessing of codes.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "60/m/ip,20/900s/key"}

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "SPPNet Annotate"
MFA_TOTP_TOLERANCE = 1  # telephones are some seconds late
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up with the address of somebody else unasked

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "sppnet_app.lockout.locked_out"
AXES_USERNAME_CALLABLE = "sppnet_app.lockout.name_tried"
AXES_RESET_ON_SUCCESS = True

# People of an OpenID Connect provider. It has one address to go to, and one to be asked at.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", "")
OIDC_SIGN_UP = env.bool("OIDC_SIGN_UP", False)
SOCIALACCOUNT_ADAPTER = "annotations.account_adapter.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # the provider's word counts
OIDC_ORIGINS: list[str] = []
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": env.str("OIDC_ID", "sso"),
                "name": env.str("OIDC_NAME", "single sign-on"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET", ""),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ],
    }
    server = urlsplit(OIDC_SERVER_URL)
    # Browsers hold a form to where it leads in the end, redirects included.
    OIDC_ORIGINS = env.list("OIDC_ORIGINS", default=[f"{server.scheme}://{server.netloc}"])

# People of a directory: their first log-in makes the account.
LDAP_AUTH_URL = env.list("LDAP_URL", default=[])
if LDAP_AUTH_URL:
    ACCOUNT_APPS.append("django_python3_ldap")
    AUTHENTICATION_BACKENDS.append("django_python3_ldap.auth.LDAPBackend")
    LDAP_AUTH_USE_TLS = env.bool("LDAP_START_TLS", True)
    LDAP_AUTH_SEARCH_BASE = env.str("LDAP_SEARCH_BASE")
    LDAP_AUTH_OBJECT_CLASS = env.str("LDAP_OBJECT_CLASS", "inetOrgPerson")
    LDAP_AUTH_USER_FIELDS = {
        "username": env.str("LDAP_USERNAME_FIELD", "uid"),
        "first_name": "givenName",
        "last_name": "sn",
        "email": "mail",
    }
    LDAP_AUTH_CONNECTION_USERNAME = env.str("LDAP_USER", "") or None
    LDAP_AUTH_CONNECTION_PASSWORD = env.str("LDAP_PASSWORD", "") or None
    LDAP_AUTH_CONNECT_TIMEOUT = LDAP_AUTH_RECEIVE_TIMEOUT = 10
    LDAP_AUTH_ACTIVE_DIRECTORY_DOMAIN = env.str("LDAP_ACTIVE_DIRECTORY_DOMAIN", "") or None
    if LDAP_AUTH_ACTIVE_DIRECTORY_DOMAIN:
        LDAP_AUTH_FORMAT_USERNAME = (
            "django_python3_ldap.utils.format_username_active_directory_principal"
        )
