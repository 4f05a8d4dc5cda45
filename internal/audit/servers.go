package audit

import (
	"io/fs"
	"maps"
	"path"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// proxy says how the project shows that a proxy stands in front of Django, ""
// where it doesn't.
func (p *Project) proxy() string {
	if answer := p.answer("proxy_hops"); answer != "" {
		if answer != "0" {
			return "djharden.toml says that there is a proxy"
		}
		return ""
	}
	for _, name := range []string{"USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT"} {
		if p.isOn(name) == pyeval.Yes {
			return name + " says that there is a proxy"
		}
	}
	rest, _ := p.get("REST_FRAMEWORK")
	if n := rest.Get("NUM_PROXIES"); n != nil && n.Kind == pyeval.Int && n.N > 0 {
		return "NUM_PROXIES of REST_FRAMEWORK says that there is a proxy"
	}
	where, _ := p.plainProxy()
	return where
}

// plainProxy says which file has a proxy of another machine or container pass
// requests on over plain HTTP, "" where none has. It is settled where the
// server takes X-Forwarded-Proto: where it is told to, and gunicorn by itself
// from a proxy on the same machine.
func (p *Project) plainProxy() (where string, settled bool) {
	found := ""
	for name, text := range p.serverFiles() {
		if proxyTrust().MatchString(text) {
			return "", true
		}
		for _, m := range proxyPass().FindAllStringSubmatch(text, -1) {
			if !remoteUpstream(text, m[1]) {
				settled = true
			} else if found == "" || name < found {
				found = name
			}
		}
	}
	if found == "" {
		return "", settled
	}
	return found + " passes requests on over plain HTTP", false
}

// noProxy says how the project shows that clients connect to Django directly,
// "" where it doesn't.
func (p *Project) noProxy() string {
	if answer := p.answer("proxy_hops"); answer != "" {
		if answer == "0" {
			return "djharden.toml says that there is no proxy (proxy_hops = 0)"
		}
		return ""
	}
	if s := p.Result.Get("TRUSTED_PROXY_COUNT"); s != nil && s.Value.Kind == pyeval.Int && s.Value.N == 0 {
		return "TRUSTED_PROXY_COUNT is 0"
	}
	files := p.serverFiles()
	served := ""
	for name, text := range files {
		if otherServer().MatchString(name) || otherServer().MatchString(text) {
			return ""
		}
		if ownTLS().MatchString(text) && publicPort().MatchString(text) {
			served = name + " has the application server hold the certificate and listen on the public port"
		}
	}
	return served
}

var (
	proxyPass   = lazy(`(?m)^[^#\n]*\bproxy_pass\s+http://([^;\s/]+)`)
	proxyTrust  = lazy(`(?i)forwarded[-_]allow[-_]ips|--proxy-headers|proxy_headers\s*=\s*True`)
	otherServer = lazy(`(?i)nginx|traefik|caddy|haproxy|envoy|apache|httpd|varnish|cloudflared|ingress`)
	ownTLS      = lazy(`--certfile|--ssl-certfile|--ssl-keyfile|(?m)^\s*certfile\s*=`)
	publicPort  = lazy(`(?:-b|--bind|bind)[ =,"']+[^\s"']*:(?:443|80)\b|--port[ =,"']+(?:443|80)\b`)
	upstream    = lazy(`(?m)(?:^|[{;])\s*server\s+([^;\s]+)`)
)

// remoteUpstream reports whether nginx's target is another machine (or
// container).
func remoteUpstream(text, target string) bool {
	if _, block, ok := strings.Cut(text, "upstream "+target); ok {
		block, _, _ = strings.Cut(block, "}")
		m := upstream().FindStringSubmatch(block)
		return m != nil && !loopback(m[1])
	}
	return !strings.HasPrefix(target, "$") && !loopback(target)
}

func loopback(host string) bool {
	return strings.HasPrefix(host, "unix:") || strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "[::1]")
}

// serverFile are the files that say how the project is served.
var serverFile = lazy(`(?i)^(?:procfile|dockerfile.*|.*dockerfile|(?:docker-)?compose.*\.ya?ml|gunicorn.*\.py|.*nginx.*|.*\.conf(?:\.template)?|caddyfile|entrypoint\.sh|start(?:\.sh)?|.*\.service|fly\.toml|render\.ya?ml)$`)

// serverFolders are where they are kept beside the root.
var serverFolders = []string{".", "nginx", "docker", "deploy", "deployment", "compose", "conf", "config", "etc", "infra", "ops", "nginx/conf.d", "docker/nginx", "deploy/nginx", "compose/production"}

// serverFiles are their texts by path.
func (p *Project) serverFiles() map[string]string {
	p.tree.served.Do(func() { p.tree.texts = p.serverTexts(".") })
	if p.dir() == "." {
		return p.tree.texts
	}
	if p.memo.servers == nil {
		p.memo.servers = p.serverTexts(p.dir())
		maps.Copy(p.memo.servers, p.tree.texts)
	}
	return p.memo.servers
}

func (p *Project) serverTexts(root string) map[string]string {
	out := map[string]string{}
	for _, folder := range serverFolders {
		entries, err := fs.ReadDir(p.FS, path.Join(root, folder))
		if err != nil {
			continue
		}
		for _, e := range entries {
			if name := path.Join(root, folder, e.Name()); e.Type().IsRegular() && serverFile().MatchString(e.Name()) {
				out[name] = p.text(name)
			}
		}
	}
	return out
}
