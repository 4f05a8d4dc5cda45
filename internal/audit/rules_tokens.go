package audit

const (
	jwt     = "SIMPLE_JWT"
	jwtDocs = "https://django-rest-framework-simplejwt.readthedocs.io/en/latest/"
)

// tokenRules are about JSON web tokens and the endpoints that give them out.
var tokenRules = []*Rule{
	{
		ID: "DH421", Name: "jwt-access-long", Severity: Medium, Item: 9,
		Title: "access tokens live for more than an hour",
		Why:   "An access token can't be called back: whoever gets hold of one is the user until it expires, also after a sign-out or a changed password.",
		Fix:   `SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"] = timedelta(minutes=15)`,
		CWE:   []int{613},
		ASVS:  []string{"7.3.1", "7.4.1"},
		Refs:  []string{jwtDocs + "settings.html#access-token-lifetime"},
		Bad:   "from datetime import timedelta\nSIMPLE_JWT[\"ACCESS_TOKEN_LIFETIME\"] = timedelta(days=7)",
		Good:  "from datetime import timedelta\nSIMPLE_JWT[\"ACCESS_TOKEN_LIFETIME\"] = timedelta(minutes=60)",
		check: checkAccessLifetime,
	},
	{
		ID: "DH422", Name: "jwt-refresh-long", Severity: Low,
		Title: "refresh tokens live for more than 30 days",
		Why:   "A refresh token makes new access tokens for as long as it lives: a stolen one is a key to the account for months.",
		Fix:   `SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"] = timedelta(days=1)`,
		CWE:   []int{613},
		ASVS:  []string{"7.3.2"},
		Refs:  []string{jwtDocs + "settings.html#refresh-token-lifetime"},
		Bad:   "from datetime import timedelta\nSIMPLE_JWT[\"REFRESH_TOKEN_LIFETIME\"] = timedelta(days=365)",
		Good:  "from datetime import timedelta\nSIMPLE_JWT[\"REFRESH_TOKEN_LIFETIME\"] = timedelta(weeks=4)",
		check: checkRefreshLifetime,
	},
	{
		ID: "DH423", Name: "jwt-blacklist-not-installed", Severity: Medium,
		Title: "rotated refresh tokens are to be blacklisted, but the blacklist isn't installed",
		Why:   "Without the app Simple JWT passes over BLACKLIST_AFTER_ROTATION in silence: a refresh token that was used, or stolen, goes on working.",
		Fix:   `INSTALLED_APPS += ["rest_framework_simplejwt.token_blacklist"]`,
		CWE:   []int{613},
		ASVS:  []string{"7.4.1"},
		Refs:  []string{jwtDocs + "blacklist_app.html"},
		Bad:   `INSTALLED_APPS = [a for a in INSTALLED_APPS if "token_blacklist" not in a]`,
		Good:  `INSTALLED_APPS = [a for a in INSTALLED_APPS if "token_blacklist" not in a] + ["rest_framework_simplejwt.token_blacklist"]`,
		check: checkBlacklistApp,
	},
	{
		ID: "DH424", Name: "jwt-blacklist-without-rotation", Severity: Low,
		Title: "BLACKLIST_AFTER_ROTATION is on, but nothing rotates",
		Why:   "Refresh tokens are blacklisted when they are rotated, and ROTATE_REFRESH_TOKENS is off: one refresh token works until it expires, however often it is used.",
		Fix:   `SIMPLE_JWT["ROTATE_REFRESH_TOKENS"] = True`,
		CWE:   []int{613},
		ASVS:  []string{"7.4.1"},
		Refs:  []string{jwtDocs + "settings.html#blacklist-after-rotation"},
		Bad:   `SIMPLE_JWT["ROTATE_REFRESH_TOKENS"] = False`,
		Good:  `SIMPLE_JWT |= {"ROTATE_REFRESH_TOKENS": False, "BLACKLIST_AFTER_ROTATION": False}`,
		check: checkBlacklistAlone,
	},
	{
		ID: "DH425", Name: "jwt-rotation-without-blacklist", Severity: Medium,
		Title: "rotated refresh tokens stay valid",
		Why:   "With rotation each refresh gives a new refresh token; unless the old one is blacklisted both work, a thief's copy too, and rotating adds time to every token instead of taking it away.",
		Fix:   `SIMPLE_JWT["BLACKLIST_AFTER_ROTATION"] = True`,
		CWE:   []int{613},
		ASVS:  []string{"7.4.1"},
		Refs:  []string{jwtDocs + "settings.html#rotate-refresh-tokens"},
		Bad:   `SIMPLE_JWT["BLACKLIST_AFTER_ROTATION"] = False`,
		Good:  `SIMPLE_JWT["BLACKLIST_AFTER_ROTATION"] = SIMPLE_JWT["ROTATE_REFRESH_TOKENS"]`,
		check: checkRotation,
	},
	{
		ID: "DH426", Name: "jwt-key-shared", Severity: Medium,
		Title: "tokens are signed with Django's SECRET_KEY",
		Why:   "One key for two jobs: whoever learns it forges tokens and sessions alike, rotating SECRET_KEY signs every API client out, and tokens know no SECRET_KEY_FALLBACKS.",
		Fix:   `SIMPLE_JWT["SIGNING_KEY"] = os.environ["JWT_SIGNING_KEY"]`,
		ASVS:  []string{"11.1.1", "13.3.1"},
		Refs:  []string{jwtDocs + "settings.html#signing-key"},
		Bad:   `SIMPLE_JWT["SIGNING_KEY"] = SECRET_KEY`,
		Good:  "import os\nSIMPLE_JWT[\"SIGNING_KEY\"] = os.environ[\"JWT_SIGNING_KEY\"]",
		check: checkKeyShared,
	},
	{
		ID: "DH427", Name: "jwt-key-weak", Severity: High,
		Title: "the key that signs tokens can be known or guessed",
		Why:   "Who has the key makes a valid token for any user, staff included. A key in the source is known to all who see the repository; one that is shorter than the algorithm's hash can be tried out against a single token, offline.",
		Fix:   `SIMPLE_JWT["SIGNING_KEY"] = os.environ["JWT_SIGNING_KEY"]  # 64 random characters`,
		CWE:   []int{321, 326},
		ASVS:  []string{"11.2.3", "13.3.1"},
		Refs:  []string{jwtDocs + "settings.html#signing-key", "https://www.rfc-editor.org/rfc/rfc7518#section-3.2"},
		Bad:   `SIMPLE_JWT["SIGNING_KEY"] = "jwt-signing-key"`,
		Good:  "import os\nSIMPLE_JWT[\"SIGNING_KEY\"] = os.environ[\"TOKEN_KEY\"]",
		check: checkKeyWeak,
	},
	{
		ID: "DH428", Name: "jwt-algorithm", Severity: Medium,
		Title: "the algorithm and the keys of the tokens don't fit",
		Why:   "Simple JWT refuses algorithms that it doesn't know, checks HS* tokens with SIGNING_KEY alone (a VERIFYING_KEY does nothing), and needs a key pair for RS*, PS* and ES*.",
		Fix:   `SIMPLE_JWT["ALGORITHM"] = "HS256"`,
		CWE:   []int{327, 347},
		ASVS:  []string{"9.1.2"},
		Refs:  []string{jwtDocs + "settings.html#algorithm"},
		Bad:   `SIMPLE_JWT["ALGORITHM"] = "none"`,
		Good:  `SIMPLE_JWT["ALGORITHM"] = "HS512"`,
		check: checkAlgorithm,
	},
	{
		ID: "DH429", Name: "jwt-unknown-key", Severity: Low,
		Title: "SIMPLE_JWT has a key that Simple JWT doesn't know",
		Why:   "Simple JWT ignores keys it doesn't know without a word, so what a misspelt one was to change stays at its default.",
		Fix:   "write the key as Simple JWT's documentation spells it",
		CWE:   []int{1188},
		Refs:  []string{jwtDocs + "settings.html"},
		Bad:   `SIMPLE_JWT["UPDATE_LAST_LOGINS"] = True`,
		Good:  `SIMPLE_JWT["AUTH_COOKIE_SECURE"] = True  # read by a view of the project`,
		check: checkJWTKeys,
	},
	{
		ID: "DH430", Name: "jwt-legacy", Severity: High,
		Title: "the old JWT package checks less than it should",
		Why:   "djangorestframework-jwt (JWT_AUTH) is unmaintained since 2017. With JWT_VERIFY off it takes any token, forged ones too; with JWT_VERIFY_EXPIRATION off a token never expires.",
		Fix:   "move to djangorestframework-simplejwt; until then JWT_AUTH = {\"JWT_VERIFY\": True, \"JWT_VERIFY_EXPIRATION\": True, \"JWT_EXPIRATION_DELTA\": timedelta(minutes=15)}",
		CWE:   []int{347, 613},
		ASVS:  []string{"9.1.1", "9.2.1"},
		Refs:  []string{"https://jpadilla.github.io/django-rest-framework-jwt/#additional-settings"},
		Bad:   `JWT_AUTH = {"JWT_VERIFY_EXPIRATION": False}`,
		Good:  "from datetime import timedelta\nJWT_AUTH = {\"JWT_VERIFY_EXPIRATION\": True, \"JWT_EXPIRATION_DELTA\": timedelta(minutes=15)}",
		check: checkLegacyJWT,
	},
	{
		ID: "DH431", Name: "jwt-unused", Severity: Low,
		Title: "SIMPLE_JWT is set, but no view takes its tokens",
		Why:   "Neither the default authentication classes nor any view name JWTAuthentication: what SIMPLE_JWT says protects nothing.",
		Fix:   `REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = ["rest_framework_simplejwt.authentication.JWTAuthentication"]`,
		Refs:  []string{jwtDocs + "getting_started.html#project-configuration"},
		Bad:   `REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = ["rest_framework.authentication.SessionAuthentication"]`,
		Good:  `REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = ["rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"]`,
		check: checkJWTUnused,
	},
	{
		ID: "DH432", Name: "token-endpoint-unthrottled", Severity: Medium, Item: 6,
		Title: "a sign-in endpoint escapes the throttles",
		Why:   "The view that takes passwords is the one that guessing goes to. ScopedRateThrottle counts only views with a throttle_scope, throttle_classes = [] switches the defaults off, and REST framework's own obtain_auth_token has no throttles at all.",
		Fix:   `path("api/token/", TokenObtainPairView.as_view(throttle_scope="login"))  # with ScopedRateThrottle and a rate for "login"`,
		CWE:   []int{307},
		ASVS:  []string{"6.3.1"},
		Refs:  []string{restThrottle + "#scopedratethrottle"},
		Bad: `-- config/urls.py --
from django.urls import path
from rest_framework_simplejwt.views import TokenObtainPairView

class Login(TokenObtainPairView):
    throttle_classes = []

urlpatterns = [path("api/token/", Login.as_view())]
`,
		Good: `-- config/urls.py --
from django.urls import path
from rest_framework_simplejwt.views import TokenObtainPairView
from rest_framework.throttling import AnonRateThrottle

class Login(TokenObtainPairView):
    throttle_classes = [AnonRateThrottle]

urlpatterns = [path("api/token/", Login.as_view())]
`,
		check: checkTokenEndpoints,
	},
}
