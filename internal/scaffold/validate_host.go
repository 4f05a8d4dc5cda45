package scaffold

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// CheckDomain takes a host name for ALLOWED_HOSTS and returns it in lower case,
// in ASCII (IDNA), without a final dot. A leading dot stands for the domain and
// all its subdomains, as in Django. An IPv4 address is taken; an IPv6 address,
// a single label, a port, a scheme and a wildcard are not.
func CheckDomain(s string) (string, error) {
	switch {
	case s == "*" || s == ".":
		return "", bad("name the hosts: example.com,www.example.com", "takes any Host header, and with it forged password-reset links")
	case strings.HasPrefix(s, "*."):
		return "", bad(fmt.Sprintf("write %q for the domain and its subdomains", s[1:]), "is a wildcard, which Django doesn't know")
	case strings.Contains(s, "://"):
		return "", bad("leave the scheme out: example.com", "is a URL, not a host name")
	case strings.HasPrefix(s, "[") || strings.Count(s, ":") > 1:
		return "", bad("give the site a name in DNS", "is an IPv6 address, for which no browser gets a certificate or HSTS")
	case strings.Contains(s, ":"):
		return "", bad("leave the port out: Django looks at the name alone", "has a port")
	case strings.ContainsAny(s, "/?#"):
		return "", bad("leave the path out: example.com", "has a path, so it is not a host name")
	case strings.Contains(s, "@"):
		return "", bad("give the part after the @", "is not a host name")
	}
	sub, name := "", s
	if strings.HasPrefix(s, ".") {
		sub, name = ".", s[1:]
	}
	host, err := checkHost(name)
	if err != nil {
		return "", err
	}
	if sub != "" && isIPv4(host) {
		return "", bad("leave the dot out", "is an address: it has no subdomains")
	}
	if sub != "" && isRegistry(host) {
		return "", bad("name your own domain below it", "would take every domain that anyone registers below %s", host)
	}
	return sub + host, nil
}

// checkHost takes a DNS name of two labels or more, or an IPv4 address.
func checkHost(s string) (string, error) {
	if len(s) > 1000 {
		return "", bad("", "is longer than the 253 characters DNS takes")
	}
	if !utf8.ValidString(s) {
		return "", bad("", "is not UTF-8 text")
	}
	for _, r := range s {
		if r <= ' ' || r == 0x7f {
			return "", bad("", "has a blank or a control character in it")
		}
	}
	s = strings.TrimSuffix(s, ".")
	if strings.Contains(s, "_") {
		return "", bad("use a hyphen, and a name that DNS and certificates take", "has an underscore, which a host name can't have")
	}
	host, err := toASCII(s)
	if err != nil {
		return "", err
	}
	labels := strings.Split(host, ".")
	if len(labels) == 1 {
		if host == "localhost" {
			return "", bad("development answers to localhost by itself; this is production's", "is this machine, not a site's name")
		}
		return "", bad("give the full name: example.com", "is a single label, which any network can give to any machine")
	}
	if len(host) > 253 {
		return "", bad("", "is longer than the 253 characters DNS takes")
	}
	for _, l := range labels {
		if !isLabel(l) {
			return "", bad("", "is not a host name: each part between dots has 1 to 63 letters, digits and inner hyphens")
		}
	}
	// Browsers read a name whose last label is a number as an IPv4 address.
	if last := labels[len(labels)-1]; isNumber(last) {
		addr, err := netip.ParseAddr(host)
		if err != nil || !addr.Is4() || addr.IsUnspecified() || addr.IsLoopback() || addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
			return "", bad("", "is neither a host name nor the address of a server")
		}
	}
	return host, nil
}

// toASCII writes a name as DNS has it. Names that are plain ASCII don't go
// through IDNA, which refuses names in use such as main--site.example.com.
func toASCII(s string) (string, error) {
	host := strings.ToLower(s)
	if isASCII(s) && !strings.HasPrefix(host, "xn--") && !strings.Contains(host, ".xn--") {
		return host, nil
	}
	host, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", bad("", "is not a host name")
	}
	// A second time, because mapping can uncover what only the next pass refuses.
	if again, err := idna.Lookup.ToASCII(host); err != nil || again != host {
		return "", bad("", "is not a host name")
	}
	return host, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	for i := range len(l) {
		if c := l[i]; c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// isNumber reports whether a label is a number for the WHATWG URL standard.
func isNumber(l string) bool {
	rest, ok := strings.CutPrefix(l, "0x")
	return allDigits(l) || ok && strings.Trim(rest, "0123456789abcdef") == ""
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func isIPv4(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is4()
}

// isLoopback reports whether a connection to host stays on this machine; the
// generated env.py knows the same names for it.
func isLoopback(host string) bool {
	return host == "" || host == "localhost" || host == "127.0.0.1" || strings.HasPrefix(host, "/")
}

// isRegistry knows the common suffixes of two labels below which strangers
// have their own domains. The full list (publicsuffix.org) would bring net/http.
func isRegistry(host string) bool {
	first, rest, _ := strings.Cut(host, ".")
	if len(rest) == 2 {
		switch first {
		case "co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go":
			return true
		}
	}
	switch host {
	case "github.io", "gitlab.io", "herokuapp.com", "vercel.app", "netlify.app", "pages.dev", "workers.dev", "web.app",
		"firebaseapp.com", "onrender.com", "fly.dev", "up.railway.app", "railway.app", "pythonanywhere.com", "appspot.com",
		"azurewebsites.net", "cloudfront.net", "ngrok.io", "ngrok.app", "ngrok-free.app", "ondigitalocean.app", "run.app":
		return true
	}
	return false
}

// domainNotes shows the names that were converted to ASCII as people read them.
func domainNotes(domains []string) []string {
	var notes []string
	for _, d := range domains {
		if strings.Contains(d, "xn--") {
			if u, err := idna.Display.ToUnicode(d); err == nil && u != d {
				notes = append(notes, fmt.Sprintf("%s is how DNS writes %s", d, u))
			}
		}
		if isIPv4(d) {
			notes = append(notes, fmt.Sprintf("%s is an address: browsers ignore HSTS for it, and few authorities give a certificate", d))
		}
	}
	return notes
}

// CheckOrigin takes https://host[:port] as a browser writes it and returns it
// in lower case, without a final slash and without :443.
func CheckOrigin(s string) (string, error) {
	const right = "write https://host or https://host:port"
	scheme, rest, ok := strings.Cut(s, "://")
	switch {
	case s == "*":
		return "", bad(right, "lets every site call the API with your visitors' cookies")
	case strings.EqualFold(s, "null"):
		return "", bad(right, "is what any sandboxed page sends, so it names nobody")
	case !ok:
		return "", bad(right, "has no scheme")
	case strings.EqualFold(scheme, "http"):
		return "", bad(right, "is plain http: whoever is on the path can put a script of their own on that page")
	case !strings.EqualFold(scheme, "https"):
		return "", bad(right, "is not an https origin")
	}
	rest = strings.TrimSuffix(rest, "/")
	switch {
	case strings.Contains(rest, "@"):
		return "", bad(right, "has a user name in it, which an origin never has")
	case strings.ContainsAny(rest, "/?#\\"):
		return "", bad(right, "has a path: an origin is scheme, host and port, and Django compares it whole")
	case strings.Contains(rest, "*"):
		return "", bad("name each origin in full", "has a wildcard")
	case strings.HasPrefix(rest, "["):
		return "", bad(right, "is an IPv6 address")
	case strings.HasPrefix(rest, "."):
		return "", bad("name each origin in full", "begins with a dot")
	}
	name, port, hasPort := strings.Cut(rest, ":")
	host, err := checkHost(name)
	if err != nil {
		return "", err
	}
	if !hasPort {
		return "https://" + host, nil
	}
	p, err := checkPort(port)
	if err != nil {
		return "", err
	}
	if p == 443 {
		return "https://" + host, nil
	}
	return fmt.Sprintf("https://%s:%d", host, p), nil
}

func checkPort(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || !allDigits(s) || len(s) > 5 || n < 1 || n > 65535 {
		return 0, bad("", "has a port that is not a number from 1 to 65535")
	}
	return n, nil
}
