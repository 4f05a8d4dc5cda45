package scaffold

import (
	"fmt"
	"slices"
	"strings"
)

const maxName = 64

// CheckName takes a project's name: an ASCII Python identifier that is no
// keyword and hides no module of Python, Django or what djharden installs.
func CheckName(s string) (string, error) {
	if !isIdentifier(s) {
		hint := ""
		if n := identifier(s); n != "" {
			hint = fmt.Sprintf("write %q", n)
		}
		return "", bad(hint, "is not a Python identifier of ASCII letters, digits and underscores")
	}
	if len(s) > maxName {
		return "", bad("", "is longer than %d characters", maxName)
	}
	hint := fmt.Sprintf("write %q", strings.Trim(s, "_")+"_site")
	switch {
	case isKeyword(s):
		return "", bad(hint, "is a keyword of Python")
	case strings.HasPrefix(s, "__"):
		return "", bad("", "begins with two underscores, which Python keeps for itself")
	// Case aside, because file systems may not see it.
	case slices.Contains(stdlib, strings.ToLower(s)):
		return "", bad(hint, "is a module of Python's standard library")
	case slices.Contains(taken, strings.ToLower(s)):
		return "", bad(hint, "is the name of a package that the project imports")
	}
	return s, nil
}

// DefaultName makes a project's name from the base name of its folder.
func DefaultName(folder string) string {
	n := identifier(folder)
	if _, err := CheckName(n); err == nil {
		return n
	}
	if n = strings.Trim(n, "_") + "_site"; n != "_site" {
		if _, err := CheckName(n); err == nil {
			return n
		}
	}
	return "mysite"
}

// identifier turns a text into the nearest identifier, or "".
func identifier(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
		if b.Len() == maxName {
			break
		}
	}
	return strings.Trim(b.String(), "_")
}

func isIdentifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func isKeyword(s string) bool { return slices.Contains(keywords, s) }

// CheckModule takes a dotted module name: mysite.settings.
func CheckModule(s string) (string, error) {
	for part := range strings.SplitSeq(s, ".") {
		if !isIdentifier(part) || isKeyword(part) {
			hint := ""
			if strings.HasSuffix(s, ".py") || strings.Contains(s, "/") {
				hint = fmt.Sprintf("write it as Python imports it: %q", strings.ReplaceAll(strings.TrimSuffix(s, ".py"), "/", "."))
			}
			return "", bad(hint, "is not a module's name")
		}
	}
	if len(s) > 200 {
		return "", bad("", "is longer than 200 characters")
	}
	return s, nil
}

// CheckSeries takes a series of Django that djharden writes for.
func CheckSeries(s string) (string, error) {
	if slices.Contains(DjangoSeries, s) {
		return s, nil
	}
	hint := "move to one of them first; 5.2 is the long-term one"
	for _, d := range DjangoSeries {
		if strings.HasPrefix(s, d+".") {
			hint = fmt.Sprintf("write the series alone: %q", d)
		}
	}
	return "", bad(hint, "is not a Django series that djharden knows: it writes for %s", strings.Join(DjangoSeries, ", "))
}

var keywords = strings.Fields(`False None True and as assert async await break class continue def del elif else except
	finally for from global if import in is lambda nonlocal not or pass raise return try while with yield`)

// stdlib is every public top-level module of CPython 3.10 to 3.14
// (sys.stdlib_module_names), and the __future__ kind by its underscores.
var stdlib = strings.Fields(`abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64
	bdb binascii binhex bisect builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys
	compileall compression concurrent configparser contextlib contextvars copy copyreg cprofile crypt csv ctypes curses dataclasses
	datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp
	fileinput fnmatch formatter fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib
	heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3
	linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt
	multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev parser pathlib
	pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd
	py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy
	sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd
	sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau
	symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios test textwrap this threading time timeit
	tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata
	unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc
	zipapp zipfile zipimport zlib zoneinfo`)

// taken is what generated projects import, and the names their own files have.
var taken = strings.Fields(`django config manage settings axes csp rest_framework rest_framework_simplejwt environs environ
	decouple dotenv dj_database_url corsheaders whitenoise django_otp django_ratelimit django_permissions_policy qrcode
	gunicorn uvicorn psycopg psycopg2 redis jwt marshmallow asgiref sqlparse argon2 static staticfiles media templates
	pip setuptools`)
