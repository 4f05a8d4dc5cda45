package scaffold

import (
	"errors"
	"strings"
	"testing"
)

// checks are the checkers by the option they serve, with what each takes and
// what it refuses. The fuzz targets take their seeds from here.
var checks = map[string]struct {
	check  func(string) (string, error)
	takes  map[string]string // value -> what becomes of it
	refuse map[string]string // value -> a part of the message
}{
	"domain": {CheckDomain, map[string]string{
		"example.com":                    "example.com",
		"EXAMPLE.Com":                    "example.com",
		"example.com.":                   "example.com",
		".example.com":                   ".example.com",
		"a-b.c--d.example.com":           "a-b.c--d.example.com",
		"main--site.netlify.app":         "main--site.netlify.app",
		"bücher.example":                 "xn--bcher-kva.example",
		"BÜCHER.example":                 "xn--bcher-kva.example",
		"straße.de":                      "xn--strae-oqa.de",
		"例え。jp":                          "xn--r8jz45g.jp",
		"xn--bcher-kva.example":          "xn--bcher-kva.example",
		"192.0.2.7":                      "192.0.2.7",
		"1.example.com":                  "1.example.com",
		"co.uk":                          "co.uk",
		strings.Repeat("a", 63) + ".com": strings.Repeat("a", 63) + ".com",
	}, map[string]string{
		"*":                                    "forged",
		"*.example.com":                        "wildcard",
		".":                                    "forged",
		"..":                                   "",
		"..example.com":                        "not a host name",
		".com":                                 "single label",
		".co.uk":                               "anyone registers below co.uk",
		".github.io":                           "anyone registers",
		".192.0.2.7":                           "no subdomains",
		"com":                                  "single label",
		"localhost":                            "this machine",
		"https://example.com":                  "URL",
		"//example.com":                        "path",
		"example.com:8000":                     "port",
		"example.com/path":                     "path",
		"[::1]":                                "IPv6",
		"::1":                                  "IPv6",
		"127.0.0.1":                            "address of a server",
		"0.0.0.0":                              "address of a server",
		"127.1":                                "address of a server",
		"1.2.3.4.5":                            "address of a server",
		"010.0.0.1":                            "address of a server",
		"example.0x7f":                         "address of a server",
		"ex_ample.com":                         "underscore",
		"-a.example.com":                       "not a host name",
		"a-.example.com":                       "not a host name",
		"a..example.com":                       "not a host name",
		"exa mple.com":                         "blank",
		"example.com\n":                        "control",
		"example.com\x00":                      "control",
		"user@example.com":                     "host name",
		"example.com#x":                        "path",
		`example.com"`:                         "",
		"example.com';import os":               "",
		"xn--.example":                         "",
		"xn--a.example":                        "",
		"\xff.example":                         "UTF-8",
		"exam\u202eple.com":                    "",
		"${HOST}.com":                          "",
		strings.Repeat("a", 64) + ".com":       "not a host name",
		strings.Repeat("abcdefg.", 32) + "com": "253",
	}},
	"cors_origin": {CheckOrigin, map[string]string{
		"https://app.example.com":       "https://app.example.com",
		"https://app.example.com/":      "https://app.example.com",
		"HTTPS://App.Example.com":       "https://app.example.com",
		"https://app.example.com:443":   "https://app.example.com",
		"https://app.example.com:8443":  "https://app.example.com:8443",
		"https://app.example.com:08443": "https://app.example.com:8443",
		"https://bücher.example":        "https://xn--bcher-kva.example",
		"https://192.0.2.7:8443/":       "https://192.0.2.7:8443",
	}, map[string]string{
		"*":                         "every site",
		"null":                      "sandboxed",
		"app.example.com":           "no scheme",
		"http://app.example.com":    "plain http",
		"ftp://app.example.com":     "not an https",
		"https://":                  "",
		"https://localhost":         "this machine",
		"https://*.example.com":     "wildcard",
		"https://.example.com":      "dot",
		"https://a.example.com/x":   "path",
		"https://a.example.com//":   "path",
		"https://a.example.com?x":   "path",
		"https://a.example.com#x":   "path",
		`https://a.example.com\x`:   "path",
		"https://u:p@a.example.com": "user name",
		"https://a.example.com:":    "port",
		"https://a.example.com:0":   "port",
		"https://a.example.com:+80": "port",
		"https://a.example.com:x":   "port",
		"https://a.example.com:1:2": "port",
		"https://[::1]":             "IPv6",
		"https://a.example.com\n":   "control",
		"javascript://a.example":    "not an https",
	}},
	"name": {CheckName, map[string]string{
		"lms": "lms", "LMS": "LMS", "_x": "_x", "my_site2": "my_site2", "match": "match", "mysite": "mysite",
	}, map[string]string{
		"my-site": "identifier", "2site": "identifier", "my site": "identifier", "sité": "identifier", "": "identifier",
		"class": "keyword", "None": "keyword", "site": "standard library", "Site": "standard library", "email": "standard library",
		"secrets": "standard library", "django": "package", "config": "package", "axes": "package", "csp": "package",
		"rest_framework": "package", "environs": "package", "__init__": "two underscores", "a.b": "identifier", "../x": "identifier",
		"a\n": "identifier", strings.Repeat("a", 65): "longer",
	}},
	"admin_path": {CheckAdminPath, map[string]string{
		"staff-x7": "staff-x7/", "staff-x7/": "staff-x7/", "a/b_c/9": "a/b_c/9/", "admin-x7/": "admin-x7/", "Staff/": "Staff/",
	}, map[string]string{
		"admin": "guessed", "admin/": "guessed", "Admin/": "guessed", "admin/x/": "guessed", "api/": "in use", "static/x": "in use",
		"media/": "in use", "healthz": "in use", "/staff-x7/": "slash", "staff//x/": "must look", "staff/../x/": "must look",
		"./": "must look", "staff x": "must look", "stäff/": "must look", "staff<str:x>/": "must look", "-x/": "must look",
		"staff\n": "must look", "staff%2f": "must look", "^staff/$": "must look", "/": "slash", strings.Repeat("a", 101): "longer",
	}},
	"security_log": {CheckPath, map[string]string{
		"/var/log/lms/security.log": "/var/log/lms/security.log", "/a": "/a", "/etc/ssl/a+b@c,d=e-f.pem": "/etc/ssl/a+b@c,d=e-f.pem",
	}, map[string]string{
		"security.log": "absolute", "~/x": "absolute", `C:\x`: "absolute", "/": "path of a file", "/var/log/": "path of a file",
		"/var/../etc/passwd": "..", "/var/./x": "path of a file", "//x": "path of a file", "/a b": "disagree", "/a'b": "disagree",
		"/a\nb": "disagree", "/a$HOME": "disagree", "/ä": "disagree", "/a%20": "disagree", "/dev/null": "ordinary",
		"/" + strings.Repeat("a", 256): "255", strings.Repeat("/aaaaaaaaa", 101): "1000",
	}},
	"redis_url": {CheckRedisURL, map[string]string{
		"redis://localhost":                        "redis://localhost",
		"redis://LOCALHOST:6379/0":                 "redis://localhost:6379/0",
		"rediss://:p@ss/w#rd?@h:6380/1":            "rediss://:p%40ss%2Fw%23rd%3F@h:6380/1",
		"rediss://user:a%20b@h/1":                  "rediss://user:a%20b@h/1",
		"redis://h:6379/":                          "redis://h:6379",
		"redis://h?db=2":                           "redis://h/2",
		"unix:///run/redis/redis.sock":             "unix:///run/redis/redis.sock",
		"unix://:pw@/run/redis.sock?db=3":          "unix://:pw@/run/redis.sock?db=3",
		"rediss://h/0?ssl_ca_certs=/etc/ca.pem":    "rediss://h/0?ssl_ca_certs=/etc/ca.pem",
		"rediss://h/0?ssl_cert_reqs=required":      "rediss://h/0",
		"rediss://h/0?ssl_cert_reqs=CERT_REQUIRED": "rediss://h/0",
		"redis://:***@h/0":                         "redis://:***@h/0",
		"redis://u:%2A**@h/0":                      "redis://u:***@h/0",
		"  redis://h  ":                            "redis://h",
		"redis://:~!$&'()*+,;=@h":                  "redis://:%7E%21%24%26%27%28%29%2A%2B%2C%3B%3D@h",
	}, map[string]string{
		"":                                    "empty",
		"localhost:6379":                      "not a URL",
		"http://h":                            "not a redis",
		"memcached://h":                       "not a redis",
		"redis://":                            "no host",
		"redis://:pw@":                        "no host",
		"redis://h:x":                         "port",
		"redis://h:6379/x":                    "number",
		"redis://h:6379/0/1":                  "number",
		"redis://h/1?db=2":                    "two databases",
		"rediss://h?ssl_cert_reqs=none":       "pass for",
		"redis://h?ssl_cert_reqs=none":        "pass for",
		"rediss://h?ssl_check_hostname=False": "pass for",
		"redis://h?password=x":                "parameter",
		"redis://h#x":                         "#",
		"redis://[::1]:6379":                  "IPv6",
		"redis://:a\nb@h":                     "control",
		"redis://:a%00b@h":                    "control",
		"redis://:%ff@h":                      "UTF-8",
		"unix://run/x":                        "absolute",
		"unix:///":                            "absolute",
		"'redis://h'":                         "quote",
		"redis://a/b:c@h":                     "taken apart",
	}},
	"settings": {CheckModule, map[string]string{"mysite.settings": "mysite.settings", "settings": "settings"},
		map[string]string{"mysite/settings.py": "module", "a..b": "module", "a.class": "module", "": "module", "a.b-c": "module"}},
	"django": {CheckSeries, map[string]string{"4.2": "4.2", "5.2": "5.2", "6.0": "6.0", "6.1": "6.1"},
		map[string]string{"5.1": "4.2, 5.2, 6.0, 6.1", "6.2": "4.2, 5.2, 6.0, 6.1", "2028": "4.2", "5.2.19": "4.2", "latest": "4.2", "5": "4.2"}},
}

func TestCheckers(t *testing.T) {
	for key, c := range checks {
		for in, want := range c.takes {
			got, err := c.check(in)
			if err != nil {
				t.Errorf("%s %q: %v", key, in, err)
			} else if got != want {
				t.Errorf("%s %q: got %q, want %q", key, in, got, want)
			}
		}
		for in, want := range c.refuse {
			got, err := c.check(in)
			var oe *OptionError
			if err == nil {
				t.Errorf("%s %q: accepted as %q", key, in, got)
			} else if !errors.As(err, &oe) {
				t.Errorf("%s %q: %T is not an *OptionError", key, in, err)
			} else if !strings.Contains(oe.Msg, want) {
				t.Errorf("%s %q: %q doesn't say %q", key, in, oe.Msg, want)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	for in, want := range map[string]int64{
		"10MB": 10 << 20, "10 mb": 10 << 20, "10M": 10 << 20, "512KB": 512 << 10, "1GB": 1 << 30, "1GiB": 1 << 30, "2621440": 2621440,
		"0": 0, "off": 0, "0MB": 0, "100GB": 100 << 30, "1024": 1024,
	} {
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"-1", "1.5MB", "10XB", "MB", "1e6", "101GB", "99999999999999999999", "1023", "1", "10MB;", "٣MB", "0x10"} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("%q: accepted as %d", in, got)
		}
	}
	for _, n := range []int64{0, 1024, 1025, 1536 << 10, 10 << 20, 3 << 30, maxUpload} {
		if got, err := ParseSize(FormatSize(n)); err != nil || got != n {
			t.Errorf("%d: written %s, read back %d, %v", n, FormatSize(n), got, err)
		}
	}
}

func TestDefaultName(t *testing.T) {
	for in, want := range map[string]string{
		"mysite": "mysite", "My Site": "my_site", "lms-backend": "lms_backend", "site": "site_site", "django": "django_site",
		"2024-lms": "lms", ".": "mysite", "": "mysite", "日本": "mysite", "class": "class_site", "test": "test_site", "__x__": "x",
		"email_": "email_site", strings.Repeat("a", 90): strings.Repeat("a", 64),
	} {
		if got := DefaultName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if _, err := CheckName(DefaultName(in)); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestErrorsNeverShowASecret(t *testing.T) {
	const pw = "hunter2xyz"
	for _, u := range []string{
		pw, "postgres://" + pw, "postgres://" + pw + "@", "postgres://u:" + pw, "postgres://u:" + pw + "@h", "postgres://u:" + pw + "@h:" + pw + "/n",
		"postgres://u:" + pw + "@h/n?" + "sslmode=" + pw, "postgres://u:a@b@" + pw + "#/n", "postgres://u:p@h/n?sslrootcert=" + pw,
		"mysql://u:" + pw + "@h/n", pw + "://u@h/n", "postgres://u:" + pw + "\n@h/n", "postgres://u:" + pw + "@h/n?sslmode=disable",
		"redis://:" + pw + "@h:x", "redis://:" + pw + "/#@h/x", pw + "://:x@h", "redis://" + pw + "/a@h", "redis://h/" + pw,
	} {
		for _, key := range []string{"database_url", "redis_url"} {
			a := Defaults(nil)
			err := FindOption(key).Set(&a, u)
			if err == nil && key == "database_url" {
				_, err = Finish(&a)
			}
			var oe *OptionError
			if errors.As(err, &oe) && strings.Contains(err.Error()+oe.Hint+oe.Value, pw) {
				t.Errorf("%s %q: the error shows it: %v (%s)", key, u, err, oe.Hint)
			}
		}
	}
}
