package audit

import "slices"

const staticDocs = "https://docs.djangoproject.com/en/stable/howto/static-files/deployment/"

// fileRules are about static files, media and uploads.
var fileRules = slices.Concat(staticRules, uploadRules)

var staticRules = []*Rule{
	{
		ID: "DH521", Name: "static-root-missing", Severity: Low, Item: 11,
		Title: "there is no place to collect the static files in",
		Why:   "Without STATIC_ROOT collectstatic refuses to run, and with DEBUG off nothing else serves an app's files: the site and the admin come without their styles and scripts.",
		Fix:   `STATIC_ROOT = BASE_DIR / "staticfiles"`,
		Refs:  []string{staticDocs},
		Bad:   `STATIC_ROOT = None`,
		Good:  `STATIC_ROOT = "/srv/lms/static"`,
		check: checkStaticRoot,
	},
	{
		ID: "DH522", Name: "static-unserved", Severity: Low, Item: 11,
		Title: "nothing serves the static files",
		Why:   "With DEBUG off Django serves none. WhiteNoise does it from the application, with the security headers of the site; a storage elsewhere or a server in front are the other ways, and neither was found.",
		Fix:   `MIDDLEWARE.insert(MIDDLEWARE.index("django.middleware.security.SecurityMiddleware") + 1, "whitenoise.middleware.WhiteNoiseMiddleware")`,
		Refs:  []string{"https://whitenoise.readthedocs.io/en/stable/django.html", staticDocs},
		Bad:   `MIDDLEWARE = [m for m in MIDDLEWARE if "whitenoise" not in m]`,
		Good:  `MIDDLEWARE = tuple(MIDDLEWARE)`,
		check: checkStaticServed,
	},
	{
		ID: "DH523", Name: "storages", Severity: Medium, Item: 11,
		Title:  "STORAGES is incomplete",
		Why:    "STORAGES replaces Django's, it doesn't add to it. Without default the first upload raises InvalidStorageError, without staticfiles every page with {% static %} does; a class that doesn't exist stops both.",
		Fix:    `STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}`,
		Checks: []string{"staticfiles.E005"},
		Refs:   []string{"https://docs.djangoproject.com/en/stable/ref/settings/#storages"},
		Bad:    `STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}`,
		Good: `STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}`,
		check: checkStorages,
	},
	{
		ID: "DH524", Name: "whitenoise-development", Severity: Medium,
		Title: "WhiteNoise runs in its development mode",
		Why:   "WHITENOISE_AUTOREFRESH and WHITENOISE_USE_FINDERS look for files at every request. Its documentation calls that slow and insecure, and an older release let it read files outside the static folders.",
		Fix:   `WHITENOISE_AUTOREFRESH = False`,
		CWE:   []int{489},
		ASVS:  []string{"13.4.2"},
		Refs:  []string{"https://whitenoise.readthedocs.io/en/stable/django.html#WHITENOISE_AUTOREFRESH"},
		Bad:   `WHITENOISE_AUTOREFRESH = True`,
		Good:  "DEBUG = False\nWHITENOISE_AUTOREFRESH = DEBUG",
		check: checkWhiteNoiseMode,
	},
	{
		ID: "DH525", Name: "serve-view", Severity: Medium,
		Title: "Django's development view serves files",
		Why:   "django.views.static.serve is for development: it reads whole folders at the client's wish, sets no protecting headers on what users uploaded, and holds a worker for each download.",
		Fix:   "remove the route; let the server in front, or a storage elsewhere, give out uploads",
		CWE:   []int{489},
		ASVS:  []string{"13.4.2", "15.2.3"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/views/#serving-files-in-development"},
		Bad: `-- config/urls.py --
from django.conf import settings
from django.urls import re_path
from django.views.static import serve

urlpatterns = [re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT})]
`,
		Good: `-- config/urls.py --
from django.conf import settings
from django.conf.urls.static import static

urlpatterns = static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)
`,
		check: checkServeView,
	},
	{
		ID: "DH526", Name: "media-in-static", Severity: High,
		Title: "uploads and static files share a folder",
		Why:   "What users upload is then served as if it belonged to the site: from the site's own address, as a script if they like, past any permission; and collectstatic writes over it.",
		Fix:   `MEDIA_ROOT = BASE_DIR / "media"`,
		CWE:   []int{434, 552},
		ASVS:  []string{"5.3.1"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/topics/security/#user-uploaded-content"},
		Bad:   "STATIC_ROOT = \"/srv/lms/static\"\nMEDIA_ROOT = \"/srv/lms/static/media\"",
		Good:  "STATIC_ROOT = \"/srv/lms/static\"\nMEDIA_ROOT = \"/srv/lms/static-media\"",
		check: checkOverlap,
	},
	{
		ID: "DH527", Name: "source-published", Severity: Critical,
		Title: "the project's own files are published",
		Why:   "A static or media folder that is the project's root gives out what lies in it: settings, .env with every secret, the database.",
		Fix:   `STATIC_ROOT = BASE_DIR / "staticfiles"`,
		CWE:   []int{219, 552},
		ASVS:  []string{"13.4.7"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/settings/#staticfiles-dirs"},
		Bad:   `STATICFILES_DIRS = [BASE_DIR]`,
		Good:  `STATICFILES_DIRS = [BASE_DIR / "assets"]`,
		check: checkSourcePublished,
	},
}

var uploadRules = []*Rule{
	{
		ID: "DH531", Name: "upload-permissions", Severity: Medium,
		Title: "uploaded files get permissions that are too wide",
		Why:   "World-writable files can be changed by every account on the machine, executable ones are half a program. A mode without 0o is a decimal number and means something else.",
		Fix:   `FILE_UPLOAD_PERMISSIONS = 0o644`,
		CWE:   []int{732},
		ASVS:  []string{"5.3.1"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/settings/#file-upload-permissions"},
		Bad:   `FILE_UPLOAD_PERMISSIONS = 0o777`,
		Good:  "FILE_UPLOAD_PERMISSIONS = 0o640\nFILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750",
		check: checkUploadModes,
	},
	{
		ID: "DH532", Name: "request-unlimited", Severity: Medium,
		Title: "a single request may take all the memory",
		Why:   "Django reads a body, and files up to FILE_UPLOAD_MAX_MEMORY_SIZE, into memory. Without the limits a few requests of gigabytes, or with a million fields, stop every worker.",
		Fix:   `DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440`,
		CWE:   []int{770},
		ASVS:  []string{"5.2.1", "15.2.2"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/settings/#data-upload-max-memory-size"},
		Bad:   `DATA_UPLOAD_MAX_MEMORY_SIZE = None`,
		Good:  `DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024`,
		check: checkRequestLimits,
	},
}
