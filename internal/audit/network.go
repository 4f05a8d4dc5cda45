package audit

import (
	"net/netip"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// proxied says whether a proxy stands in front of Django.
func (p *Project) proxied() pyeval.Truth {
	if p.proxy() != "" {
		return pyeval.Yes
	}
	if v, own := p.get("SECURE_PROXY_SSL_HEADER"); own {
		return v.Truth()
	}
	return pyeval.No
}

// proxyReason is how proxied knows.
func (p *Project) proxyReason() string {
	if why := p.proxy(); why != "" {
		return why
	}
	return "SECURE_PROXY_SSL_HEADER says that there is a proxy"
}

// settlesAddress says whether a middleware of the project works out the
// client's address from X-Forwarded-For, for everything that comes after it.
func (p *Project) settlesAddress() pyeval.Truth {
	v, _ := p.get("MIDDLEWARE")
	list, whole := paths(v)
	out := pyeval.No
	if !whole {
		out = pyeval.Maybe
	}
	for _, name := range list {
		low := strings.ToLower(name)
		if strings.HasPrefix(low, "django.") {
			continue
		}
		if strings.Contains(low, "forwarded") || strings.Contains(low, "proxy") || strings.Contains(low, "xff") || strings.Contains(low, "realip") || strings.Contains(low, "real_ip") {
			return pyeval.Yes
		}
		file := p.own(name)
		if file == "" {
			continue
		}
		code := p.text(file)
		if strings.Contains(code, "REMOTE_ADDR") || strings.Contains(code, "FORWARDED_FOR") || strings.Contains(strings.ToLower(code), "x-forwarded-for") {
			return pyeval.Yes
		}
	}
	return out
}

// near says whether a host is this machine: a socket, loopback, nothing.
func near(host string) bool {
	host = strings.Trim(host, "[]")
	if host == "" || host == "localhost" || strings.HasPrefix(host, "/") || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// far says whether a host is surely on another network: a name with a dot, an
// address that isn't private. A bare name is a container beside this one.
func far(host string) bool {
	host = strings.Trim(host, "[]")
	if near(host) {
		return false
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return !a.IsPrivate() && !a.IsLinkLocalUnicast()
	}
	return strings.Contains(host, ".") && !strings.HasSuffix(host, ".internal") && !strings.HasSuffix(host, ".local") && !strings.HasSuffix(host, ".svc")
}
