package audit

import "slices"

const (
	databases = "DATABASES"
	dbDocs    = "https://docs.djangoproject.com/en/stable/ref/databases/"
	sslDocs   = "https://www.postgresql.org/docs/current/libpq-ssl.html"
)

// dataRules are about databases and caches.
var dataRules = slices.Concat(databaseRules, cacheRules)

var databaseRules = []*Rule{
	{
		ID: "DH501", Name: "database-sqlite", Severity: Medium, Item: 8,
		Title: "production stores its data in SQLite",
		Why:   "SQLite is a file beside the code: one writer at a time, no accounts, no copy on another machine, and gone with the container. Often it is the development default that production falls back to when DATABASE_URL is missing, and nobody is told.",
		Fix:   `DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600, conn_health_checks=True)}`,
		ASVS:  []string{},
		Refs:  []string{dbDocs + "#sqlite-notes"},
		Bad:   `DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}`,
		Good:  `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "HOST": "/run/postgresql"}}`,
		check: checkSQLite,
	},
	{
		ID: "DH502", Name: "database-missing", Severity: Medium, Item: 8,
		Title: "no database is configured",
		Why:   "With an empty default Django starts, check --deploy passes, and the first query ends in ImproperlyConfigured.",
		Fix:   `DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600, conn_health_checks=True)}`,
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/settings/#databases"},
		Bad:   `DATABASES = {"default": {}}`,
		Good:  "import os\nimport dj_database_url\nDATABASES = {\"default\": dj_database_url.parse(os.environ[\"DATABASE_URL\"])}",
		check: checkNoDatabase,
	},
	{
		ID: "DH503", Name: "database-tls-off", Severity: High, Item: 13,
		Title: "the database connection isn't encrypted",
		Why:   "Without sslmode libpq prefers TLS and falls back to plain text when it is refused, which whoever sits in between can arrange. Then the password and every row can be read and changed on the way.",
		Fix:   `DATABASES["default"]["OPTIONS"] = {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/certs/ca-certificates.crt"}`,
		CWE:   []int{319, 757},
		ASVS:  []string{"12.3.1"},
		Refs:  []string{sslDocs + "#LIBPQ-SSL-PROTECTION"},
		Bad:   `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "HOST": "db.example.com"}}`,
		Good:  `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "HOST": "127.0.0.1"}}`,
		check: checkDatabaseTLS,
	},
	{
		ID: "DH504", Name: "database-tls-unverified", Severity: Medium,
		Title: "the database connection is encrypted, but to anybody",
		Why:   "sslmode=require checks no certificate: whoever answers in the database's place is given the password. dj_database_url's ssl_require=True means the same.",
		Fix:   `DATABASES["default"]["OPTIONS"] = {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/certs/ca-certificates.crt"}`,
		CWE:   []int{295},
		ASVS:  []string{"12.3.2"},
		Refs:  []string{sslDocs + "#LIBPQ-SSL-PROTECTION", "https://github.com/jazzband/dj-database-url#usage"},
		Bad:   `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "HOST": "db.example.com", "OPTIONS": {"sslmode": "require"}}}`,
		Good:  `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "HOST": "db.example.com", "OPTIONS": {"sslmode": "verify-full"}}}`,
		check: checkDatabaseVerified,
	},
	{
		ID: "DH505", Name: "database-tls-downgraded", Severity: Medium,
		Title: "ssl_require=True takes back a stricter sslmode",
		Why:   "dj_database_url writes ssl_require's sslmode=require over what the URL asks for: verify-full is gone, and no certificate's name is checked.",
		Fix:   `dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600)  # without ssl_require`,
		CWE:   []int{295, 757},
		ASVS:  []string{"12.3.2"},
		Refs:  []string{"https://github.com/jazzband/dj-database-url#usage"},
		Bad:   "import dj_database_url\nDATABASES = {\"default\": dj_database_url.parse(\"postgres://app@db.example.com/lms?sslmode=verify-full\", ssl_require=True)}",
		Good:  "import dj_database_url\nDATABASES = {\"default\": dj_database_url.parse(\"postgres://app@db.example.com/lms?sslmode=verify-full\", ssl_require=False)}",
		check: checkDatabaseDowngrade,
	},
	{
		ID: "DH506", Name: "database-tls-option", Severity: Medium,
		Title: "the database driver doesn't know sslmode",
		Why:   "sslmode is PostgreSQL's. MySQL's and SQLite's drivers raise TypeError at the first query; ssl_require=True does the same to them.",
		Fix:   `DATABASES["default"]["OPTIONS"] = {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": "/etc/ssl/certs/ca-certificates.crt"}}  # MySQL`,
		Refs:  []string{dbDocs + "#connecting-to-the-database"},
		Bad:   `DATABASES = {"default": {"ENGINE": "django.db.backends.mysql", "NAME": "lms", "HOST": "127.0.0.1", "OPTIONS": {"sslmode": "require"}}}`,
		Good:  `DATABASES = {"default": {"ENGINE": "django.db.backends.mysql", "NAME": "lms", "HOST": "db.example.com", "OPTIONS": {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": "/ca.pem"}}}}`,
		check: checkDatabaseDriver,
	},
	{
		ID: "DH507", Name: "database-option-misplaced", Severity: Medium, Item: 13,
		Title: "a database option is in the wrong place",
		Why:   "Django hands the driver what is below OPTIONS. A key beside ENGINE that Django doesn't know is ignored: a sslmode there encrypts nothing.",
		Fix:   `DATABASES["default"]["OPTIONS"] = {"sslmode": "verify-full"}`,
		CWE:   []int{319},
		ASVS:  []string{"12.3.1"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/settings/#options"},
		Bad:   `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "HOST": "db.example.com", "sslmode": "verify-full"}}`,
		Good:  `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "HOST": "db.example.com", "OPTIONS": {"sslmode": "verify-full"}, "READ_ONLY": False}}`,
		check: checkDatabaseKeys,
	},
	{
		ID: "DH508", Name: "database-pool-conflict", Severity: Medium,
		Title: "a connection pool and persistent connections exclude each other",
		Why:   "Django refuses to connect when OPTIONS has a pool and CONN_MAX_AGE isn't 0.",
		Fix:   `DATABASES["default"]["CONN_MAX_AGE"] = 0`,
		Refs:  []string{dbDocs + "#connection-pool"},
		Bad:   `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": {"pool": True}}}`,
		Good:  `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": {"pool": False}}}`,
		check: checkPool,
	},
	{
		ID: "DH509", Name: "database-superuser", Severity: Low,
		Title: "Django connects as the database's superuser",
		Why:   "A hole in one query then reads, changes and drops every database on the server, and with PostgreSQL runs programs there.",
		Fix:   `a role of its own: CREATE ROLE lms LOGIN; CREATE DATABASE lms OWNER lms`,
		CWE:   []int{250},
		ASVS:  []string{"13.2.2", "13.2.3"},
		Refs:  []string{"https://www.postgresql.org/docs/current/role-attributes.html"},
		Bad:   `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "USER": "postgres"}}`,
		Good:  `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "lms"}}`,
		check: checkSuperuser,
	},
	{
		ID: "DH510", Name: "database-health-checks", Severity: Low,
		Title: "persistent connections are used without looking whether they live",
		Why:   "After a restart or a failover of the database each worker answers its next request with an error: the connection it kept is gone.",
		Fix:   `DATABASES["default"]["CONN_HEALTH_CHECKS"] = True`,
		ASVS:  []string{"16.5.2"},
		Refs:  []string{dbDocs + "#persistent-database-connections"},
		Bad:   `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "CONN_MAX_AGE": 600}}`,
		Good:  `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "lms", "CONN_MAX_AGE": 0}}`,
		check: checkHealth,
	},
}
