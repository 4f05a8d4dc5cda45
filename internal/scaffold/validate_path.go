package scaffold

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// safe reports whether c may stand in an unquoted value of .env: every loader
// and shell reads these characters alike, and no others (measured).
func safe(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_./:@%+,=-", c) >= 0
}

// CheckPath takes the absolute path of a file on the server, in characters
// that .env, Python and a shell read alike.
func CheckPath(s string) (string, error) {
	if !strings.HasPrefix(s, "/") {
		return "", bad("write the whole path on the server: /etc/ssl/certs/ca-certificates.crt", "is not an absolute path")
	}
	for i := range len(s) {
		if c := s[i]; !safe(c) || c == ':' || c == '%' {
			return "", bad("keep to letters, digits and _ . / @ + , = -", "has a character that shells and .env readers disagree about")
		}
	}
	if len(s) > 1000 {
		return "", bad("", "is longer than 1000 characters")
	}
	parts := strings.Split(s[1:], "/")
	for _, p := range parts {
		switch {
		case p == "" || p == ".":
			return "", bad("write the path in its shortest form", "is not the path of a file")
		case p == "..":
			return "", bad("write the path in its shortest form", "climbs with ..")
		case len(p) > 255:
			return "", bad("", "has a name longer than 255 characters")
		}
	}
	if slices.Contains([]string{"dev", "proc", "sys"}, parts[0]) {
		return "", bad("", "is not an ordinary file")
	}
	return s, nil
}

const maxAdminPath = 100

// notAdmin are the first parts of a path that are guessed at once or in use.
var notAdmin = strings.Fields("admin administrator django-admin wp-admin api static media healthz")

// CheckAdminPath takes the path of the admin, without a leading slash, and
// returns it with a final one.
func CheckAdminPath(s string) (string, error) {
	if strings.HasPrefix(s, "/") {
		return "", bad(fmt.Sprintf("write %q", strings.TrimLeft(s, "/")), "begins with a slash, which Django's paths don't")
	}
	p := strings.TrimSuffix(s, "/") + "/"
	if len(p) > maxAdminPath {
		return "", bad("", "is longer than %d characters", maxAdminPath)
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(p, "/"), "/") {
		if part == "" || part[0] == '-' || strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			return "", bad("", "must look like staff-x7/: ASCII letters, digits, _ and -, with / between parts")
		}
	}
	first, _, _ := strings.Cut(strings.ToLower(p), "/")
	if slices.Contains(notAdmin, first) {
		return "", bad("leave --admin-path out for a random one", "is a path that is guessed at once, or in use")
	}
	return p, nil
}

const (
	minUpload = 1 << 10
	maxUpload = 100 << 30
)

// ParseSize reads a size in bytes: 10MB, 512KB, 1GB, a bare number; 0 and off
// are no limit. Units are powers of 1024, as nginx and Django count them.
func ParseSize(s string) (int64, error) {
	t := strings.ToLower(strings.Join(strings.Fields(s), ""))
	if t == "off" || t == "none" || t == "" {
		return 0, nil
	}
	const hint = "write a whole number and KB, MB or GB: 10MB; off is no limit"
	number := strings.TrimRight(t, "abcdefghijklmnopqrstuvwxyz")
	shift, ok := map[string]uint{"": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30}[t[len(number):]]
	if !ok || !allDigits(number) {
		return 0, bad(hint, "is not a size")
	}
	n, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil || n > maxUpload>>shift:
		return 0, bad(hint, "is more than %s, which is no limit", FormatSize(maxUpload))
	case n == 0:
		return 0, nil
	case n<<shift < minUpload:
		return 0, bad(hint, "is less than %s, which no upload fits", FormatSize(minUpload))
	}
	return n << shift, nil
}

// FormatSize writes a size as ParseSize reads it: 10MB, 1536KB, off.
func FormatSize(n int64) string {
	switch {
	case n == 0:
		return "off"
	case n%(1<<30) == 0:
		return strconv.FormatInt(n>>30, 10) + "GB"
	case n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + "MB"
	case n%(1<<10) == 0:
		return strconv.FormatInt(n>>10, 10) + "KB"
	}
	return strconv.FormatInt(n, 10)
}
