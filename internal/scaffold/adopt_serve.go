package scaffold

import (
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/django"
)

// browsers is what the answers tell a browser.
func (o *overlay) browsers() []string {
	var out []string
	if v := o.v("X_FRAME_OPTIONS"); v != nil && !(v.Kind == django.String && strings.EqualFold(v.Str, "DENY")) {
		out = append(out, `X_FRAME_OPTIONS = "DENY"`)
		o.warn("framing", "%s:%d: X_FRAME_OPTIONS let pages be framed; in production no page can be", o.s.Path, o.s.LineOf(v))
	}
	if v := o.v("SECURE_CONTENT_TYPE_NOSNIFF"); v != nil && !v.True() {
		out = append(out, "SECURE_CONTENT_TYPE_NOSNIFF = True")
	}
	if v := o.v("SECURE_REFERRER_POLICY"); v == nil || v.Kind == django.None || v.Kind == django.String && (v.Str == "unsafe-url" || v.Str == "no-referrer-when-downgrade" || v.Str == "") {
		out = append(out, `SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"`)
	}
	if v := o.v("SECURE_CROSS_ORIGIN_OPENER_POLICY"); v != nil && (v.Kind == django.None || v.Str == "unsafe-none") {
		o.warn("opener-policy", "%s:%d: SECURE_CROSS_ORIGIN_OPENER_POLICY is off and stays so", o.s.Path, o.s.LineOf(v))
	}
	if lines := o.policy(); len(lines) > 0 {
		out = append(append(out, ""), lines...)
	}
	if !o.s.Has("PERMISSIONS_POLICY") {
		out = append(out, "", "PERMISSIONS_POLICY = {", `    feature: [] for feature in ["camera", "geolocation", "microphone", "payment", "usb"]`, "}")
	}
	if o.facts.LegacySaltFallback && !o.s.Has("SIGNED_COOKIE_LEGACY_SALT_FALLBACK") {
		out = append(out, "", "SIGNED_COOKIE_LEGACY_SALT_FALLBACK = False  # CVE-2026-6873; the default from 6.1 on")
	}
	return out
}

func (o *overlay) policy() []string {
	if !o.csp {
		if o.a.CSP != "off" {
			o.warn("csp-kept", "the project has a Content-Security-Policy of its own, which stays as it is")
		}
		return nil
	}
	setting, indent := "SECURE_CSP", "    "
	if !o.facts.BuiltinCSP {
		setting, indent = "CONTENT_SECURITY_POLICY", "        "
	}
	var out []string
	if o.a.CSP == "report-only" {
		out = append(out, "# Browsers only report what they would block; `--csp enforce` once a console stays quiet.")
		setting += "_REPORT_ONLY"
	}
	out = append(out, setting+" = {")
	if !o.facts.BuiltinCSP {
		out = append(out, `    "DIRECTIVES": {`)
	}
	for _, p := range policy(o.facts.BuiltinCSP) {
		sources := p.Sources
		if !o.nonces() && len(sources) > 1 && strings.HasSuffix(sources[1], "NONCE") {
			sources = sources[:1]
		}
		out = append(out, fmt.Sprintf("%s%q: [%s],", indent, p.Directive, strings.Join(sources, ", ")))
	}
	if !o.facts.BuiltinCSP {
		out = append(out, "    },")
	}
	return append(out, "}")
}

const memoryHandler, fileHandler = "django.core.files.uploadhandler.MemoryFileUploadHandler", "django.core.files.uploadhandler.TemporaryFileUploadHandler"

func (o *overlay) uploads() []string {
	if o.a.UploadLimit == 0 {
		return nil
	}
	out := []string{
		"UPLOAD_LIMIT = " + bytesExpr(o.a.UploadLimit) + "  # bytes of one file; the proxy has its own limit",
		"FILE_UPLOAD_HANDLERS = [",
		fmt.Sprintf("    %q,", o.own+".uploads.LimitedUploadHandler"),
	}
	if o.s.Has("FILE_UPLOAD_HANDLERS") {
		out = append(out, "    *"+o.base("FILE_UPLOAD_HANDLERS")+",")
	} else {
		out = append(out, rows("    ", quoted([]string{memoryHandler, fileHandler})...)...)
	}
	out = append(out, "]")
	if o.a.UploadLimit < djangoBodyLimit && !o.s.Has("DATA_UPLOAD_MAX_MEMORY_SIZE") {
		out = append(out, "DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT  # and of a body without files")
	}
	return out
}

// services are the database, the cache and mail; the environment is judged as
// a whole before the first of them is built.
func (o *overlay) services() []string {
	out := call("DATABASE_URL", "str", o.name("DATABASE_URL"), "validate=checks.production_url")
	if wantsCA(o.a) {
		out = append(out, call("DATABASE_CA_FILE", "str", "DATABASE_CA_FILE", fmt.Sprintf("%q", systemCA))...)
	}
	if o.a.RedisURL != "" {
		out = append(out, call("REDIS_URL", "str", "REDIS_URL", "validate=checks.redis_url")...)
	}
	if lines := o.mailer(); len(lines) > 0 {
		out = append(append(out, ""), lines...)
	}
	out = append(out, "", "checks.refuse()", "")
	out = append(out, o.database()...)
	if lines := o.caches(); len(lines) > 0 {
		out = append(append(out, ""), lines...)
	}
	return out
}

// plainEngine are the engines that the URL's scheme says by itself.
var plainEngine = map[string]bool{"": true, "django.db.backends.sqlite3": true, "django.db.backends.postgresql": true, "django.db.backends.postgresql_psycopg2": true, "django.contrib.gis.db.backends.spatialite": true}

func (o *overlay) database() []string {
	base := o.v("DATABASES")
	def := base.Get("default")
	engine := ""
	if e := def.Get("ENGINE"); e != nil && e.Kind == django.String {
		engine = e.Str
	}
	if engine == "django.contrib.gis.db.backends.spatialite" {
		engine = "django.contrib.gis.db.backends.postgis"
	}
	arg := ""
	if !plainEngine[engine] {
		arg = fmt.Sprintf("engine=%q", engine)
	}
	others := base != nil && base.Kind == django.Dict && len(base.Keys) > 1
	head := "DATABASES = {"
	if others {
		head = "DATABASES = " + o.base("DATABASES") + " | {"
		o.warn("databases", "%s:%d: DATABASES has others than \"default\" (%s); they stay as they are: see that they use TLS", o.s.Path, o.s.LineOf(base), strings.Join(without(base.Keys, "default"), ", "))
	}
	out := []string{head, `    "default": dj_database_url.parse(`}
	if arg == "" {
		out = append(out, "        DATABASE_URL, conn_max_age=600, conn_health_checks=True")
	} else {
		out = append(out, rows("        ", "DATABASE_URL", arg, "conn_max_age=600", "conn_health_checks=True")...)
	}
	out = append(out, "    )", "}")
	if wantsCA(o.a) {
		out = append(out, `DATABASES["default"]["OPTIONS"]["sslrootcert"] = DATABASE_CA_FILE`)
	}
	return append(out, o.atomic()...)
}

// atomic keeps the user's transactions where DATABASES is set anew.
func (d *adoption) atomic() []string {
	if d.v("DATABASES").Get("default", "ATOMIC_REQUESTS").True() {
		return []string{`DATABASES["default"]["ATOMIC_REQUESTS"] = True`}
	}
	return nil
}

func without(list []string, name string) []string {
	var out []string
	for _, it := range list {
		if it != name {
			out = append(out, it)
		}
	}
	return out
}

func (o *overlay) caches() []string {
	head := "CACHES = {  # shared, so that throttles count once for all workers"
	if o.s.Has("CACHES") {
		head = "CACHES = " + o.base("CACHES") + " | {  # shared: throttles count once for all workers"
	}
	switch {
	case o.a.RedisURL != "":
		return []string{head, `    "default": {`, `        "BACKEND": "django.core.cache.backends.redis.RedisCache",`, `        "LOCATION": REDIS_URL,`, "    }", "}"}
	case o.table:
		return []string{head, `    "default": {`, `        "BACKEND": "django.core.cache.backends.db.DatabaseCache",`, `        "LOCATION": "django_cache",`,
			`        "OPTIONS": {"MAX_ENTRIES": 10_000},  # at the default 300 it forgets throttles`, "    }", "}"}
	}
	delete(o.used, "CACHES")
	return nil
}

// noMail are backends that send nothing.
func noMail(backend string) bool {
	for _, part := range []string{".console.", ".dummy.", ".filebased.", ".locmem."} {
		if strings.Contains(backend, part) {
			return true
		}
	}
	return false
}

const smtp = "django.core.mail.backends.smtp.EmailBackend"

// mailer sets up mail where the settings don't, in the one way that the
// version and the settings allow.
func (o *overlay) mailer() []string {
	if o.facts.Mailers && !o.emailSettings() {
		return o.mailers()
	}
	var out []string
	backend := o.v("EMAIL_BACKEND")
	switch {
	case backend == nil:
	case backend.Kind == django.String && noMail(backend.Str):
		out = append(out, fmt.Sprintf("EMAIL_BACKEND = %q", smtp))
	case backend.Kind != django.String || backend.Str != smtp:
		return nil // a service of the user's own
	}
	if o.s.Has("EMAIL_HOST") {
		if !o.s.Has("EMAIL_USE_TLS") && !o.s.Has("EMAIL_USE_SSL") {
			o.warn("mail-tls", "%s:%d: mail goes out without TLS: set EMAIL_USE_TLS = True and EMAIL_PORT = 587", o.s.Path, o.s.LineOf(o.v("EMAIL_HOST")))
		}
		return out
	}
	o.mail = true
	for _, row := range []struct{ name, text string }{
		{"EMAIL_HOST", `EMAIL_HOST = strict.str("EMAIL_HOST", "localhost")`},
		{"EMAIL_PORT", `EMAIL_PORT = strict.int("EMAIL_PORT", 587)`},
		{"EMAIL_HOST_USER", `EMAIL_HOST_USER = strict.str("EMAIL_HOST_USER", "")`},
		{"EMAIL_HOST_PASSWORD", `EMAIL_HOST_PASSWORD = strict.str("EMAIL_HOST_PASSWORD", "")`},
		{"EMAIL_USE_TLS", "EMAIL_USE_TLS = True"},
	} {
		if !o.s.Has(row.name) && !(row.name == "EMAIL_USE_TLS" && o.v("EMAIL_USE_SSL").True()) {
			out = append(out, row.text)
		}
	}
	return out
}

// emailSettings reports whether the settings use the names before MAILERS.
func (o *overlay) emailSettings() bool {
	for name := range o.s.Vars {
		if strings.HasPrefix(name, "EMAIL_") && name != "EMAIL_SUBJECT_PREFIX" && name != "EMAIL_USE_LOCALTIME" {
			return true
		}
	}
	return false
}

func (o *overlay) mailers() []string {
	have := o.v("MAILERS")
	if have != nil {
		b := have.Get("default", "BACKEND")
		if have.Kind != django.Dict || b != nil && (b.Kind != django.String || !noMail(b.Str)) {
			return nil
		}
	}
	o.mail = true
	return o.merged("MAILERS", []string{
		`    "default": {`,
		fmt.Sprintf("        \"BACKEND\": %q,", smtp),
		`        "OPTIONS": {`,
		`            "host": strict.str("EMAIL_HOST", "localhost"),`,
		`            "port": strict.int("EMAIL_PORT", 587),`,
		`            "username": strict.str("EMAIL_HOST_USER", ""),`,
		`            "password": strict.str("EMAIL_HOST_PASSWORD", ""),`,
		`            "use_tls": True,`,
		`        },`,
		`    }`,
	})
}

// root is the folder of manage.py as an expression.
func (o *overlay) root() string {
	v := o.v("BASE_DIR")
	if v == nil || v.Kind != django.Path || v.Node == nil {
		return "Path(__file__).resolve()" + strings.Repeat(".parent", strings.Count(o.p.Path, "/")+2)
	}
	o.base("BASE_DIR")
	if strings.Contains(o.s.Src.Text(v.Node), "Path(") {
		return "BASE_DIR"
	}
	return "Path(BASE_DIR)"
}

// files is what is served: static files by WhiteNoise, media by the proxy.
func (o *overlay) files() []string {
	var out []string
	if o.static && !o.s.Has("STATIC_ROOT") {
		name := "staticfiles"
		if dirs := o.v("STATICFILES_DIRS"); dirs != nil && dirs.Node != nil && strings.Contains(o.s.Src.Text(dirs.Node), "staticfiles") {
			name = "collected_static"
		}
		out = append(out, fmt.Sprintf("STATIC_ROOT = %s / %q", o.root(), name))
	}
	if o.static && !o.s.Has("STATIC_URL") {
		out = append(out, `STATIC_URL = "static/"`)
	}
	if !o.s.Has("MEDIA_URL") {
		out = append(out, `MEDIA_URL = "media/"`)
	}
	if !o.s.Has("MEDIA_ROOT") {
		out = append(out, fmt.Sprintf(`MEDIA_ROOT = %s / "media"`, o.root()))
	}
	if lines := o.storages(); len(lines) > 0 {
		out = append(append(out, ""), lines...)
	}
	return out
}

const manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"

// storages hashes and compresses static files; where uploads go stays.
func (o *overlay) storages() []string {
	if !o.static {
		return nil
	}
	body := []string{`    "staticfiles": {`, fmt.Sprintf("        \"BACKEND\": %q", manifest), "    },"}
	have := o.v("STORAGES")
	b := have.Get("staticfiles", "BACKEND")
	switch {
	case have != nil && (b == nil && have.Kind == django.Dict || b != nil && b.Str == "django.contrib.staticfiles.storage.StaticFilesStorage"):
		return o.merged("STORAGES", body)
	case have != nil:
		return nil // the user's own: a bucket, a manifest
	}
	backend := `"django.core.files.storage.FileSystemStorage"`
	var gone []string
	if v := o.v("STATICFILES_STORAGE"); v != nil {
		if o.facts.Series == "4.2" {
			if v.Kind != django.String || v.Str != "django.contrib.staticfiles.storage.StaticFilesStorage" {
				body = []string{`    "staticfiles": {"BACKEND": ` + o.base("STATICFILES_STORAGE") + "},"}
			}
			o.base("STATICFILES_STORAGE")
			gone = append(gone, "STATICFILES_STORAGE")
		} else {
			o.warn("static-storage", "%s:%d: STATICFILES_STORAGE does nothing since Django 5.1; production sets STORAGES", o.s.Path, o.s.LineOf(v))
		}
	}
	if v := o.v("DEFAULT_FILE_STORAGE"); v != nil {
		if o.facts.Series == "4.2" {
			backend = o.base("DEFAULT_FILE_STORAGE")
			gone = append(gone, "DEFAULT_FILE_STORAGE")
		} else {
			o.warn("file-storage", "%s:%d: DEFAULT_FILE_STORAGE does nothing since Django 5.1, so uploads go to MEDIA_ROOT: say STORAGES[\"default\"] if they should go elsewhere", o.s.Path, o.s.LineOf(v))
		}
	}
	out := append(append([]string{"STORAGES = {", `    "default": {"BACKEND": ` + backend + "},"}, body...), "}")
	if len(gone) > 0 {
		out = append(out, "del "+strings.Join(gone, ", ")+"  # Django 4.2 takes one way or the other")
	}
	return out
}
