package audit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const (
	throttleClasses = "DEFAULT_THROTTLE_CLASSES"
	throttleRates   = "DEFAULT_THROTTLE_RATES"
)

var (
	throttleWords = []string{"throttle_classes", "get_throttles"}
	rateWords     = []string{"def parse_rate"}

	// scopeWords are what code must say to read REST framework's own two rates.
	scopeWords = map[string][]string{
		"anon": {"AnonRateThrottle", `scope = "anon"`, `scope = 'anon'`},
		"user": {"UserRateThrottle", `scope = "user"`, `scope = 'user'`},
	}
)

// viewsThrottle says whether the project's own code names throttles: then the
// defaults don't decide alone.
func (p *Project) viewsThrottle() pyeval.Truth {
	return p.codeSays(throttleWords...)
}

func checkThrottleOff(p *Project, r *report) {
	if !r.needs(p, p.rest(), "INSTALLED_APPS", "REST framework") {
		return
	}
	v, own := p.api(throttleClasses)
	r.weigh(p, sub(rest, throttleClasses), v, func(v *pyeval.Value) verdict {
		switch v.Truth() {
		case pyeval.Yes:
			return right
		case pyeval.Maybe:
			return p.opaque(v)
		}
		switch {
		case p.rated() != pyeval.No:
			return right // throttle-rates-alone judges that
		case p.viewsThrottle() != pyeval.No:
			return cantTell("there are no default throttles, and views name their own: whether each does can't be told")
		case p.ratelimited() != pyeval.No:
			return cantTell("there are no default throttles, and django-ratelimit is installed: which views it guards can't be told")
		case own == pyeval.No:
			return wrong("no throttle classes are named, and REST framework has none by default")
		}
		return wrong("the list of throttle classes is empty")
	})
}

func checkRatesAlone(p *Project, r *report) {
	if !r.needs(p, p.rest(), "INSTALLED_APPS", "REST framework") || p.rated() != pyeval.Yes {
		return
	}
	v, own := p.api(throttleClasses)
	d := over(v, func(v *pyeval.Value) verdict {
		switch t := v.Truth(); {
		case t == pyeval.Yes:
			return right
		case t == pyeval.Maybe:
			return p.opaque(v)
		case p.viewsThrottle() != pyeval.No && !p.ratesUnread():
			return cantTell("views name their own throttles, which may read the rates")
		case own == pyeval.No:
			all, _ := p.get(rest)
			return wrong("rates are set, but no throttle classes: nothing is throttled").place(all.Dropped())
		}
		return wrong("rates are set, but the list of throttle classes is empty: nothing is throttled")
	})
	rates, _ := p.api(throttleRates)
	r.take(p, sub(rest, throttleRates), rates, d)
}

// ratesUnread reports whether a rate is set that neither a view nor a class of the
// project can read: no code names its throttle.
func (p *Project) ratesUnread() bool {
	rates, _ := p.api(throttleRates)
	for scope, words := range scopeWords {
		if _, there := rates.Lookup(scope); there == pyeval.Yes && p.codeSays(words...) == pyeval.No {
			return true
		}
	}
	return false
}

// checkThrottleRates looks up the rate of each default throttle, and of each
// scope that a routed view names.
func checkThrottleRates(p *Project, r *report) {
	if !r.needs(p, p.throttled(), rest, "default throttles") {
		return
	}
	list, _ := p.throttles()
	rates, own := p.api(throttleRates)
	var all []verdict
	for _, t := range list {
		if t.scope == "" || t.rate != "" || !t.known {
			continue
		}
		all = append(all, over(rates, func(v *pyeval.Value) verdict { return p.rateOf(v, t.scope, lastName(t.class), own) }))
	}
	r.take(p, sub(rest, throttleRates), rates, worst(all...))
}

func (p *Project) rateOf(rates *pyeval.Value, scope, class string, own pyeval.Truth) verdict {
	x, there := rates.Lookup(scope)
	switch {
	case there == pyeval.Maybe:
		return p.opaque(rates)
	case there == pyeval.No:
		return wrong("%s counts by the rate %q, which DEFAULT_THROTTLE_RATES doesn't have: every request ends in ImproperlyConfigured", class, scope)
	case own == pyeval.No:
		return wrong("%s has no rate, so it lets everything through", class)
	}
	return over(x, func(x *pyeval.Value) verdict {
		if x.Kind == pyeval.None {
			return wrong("the rate %q of %s is None, so it lets everything through", scope, class)
		}
		return right
	})
}

func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// rate is what REST framework reads from a rate.
type rate struct {
	count int
	every int    // seconds
	unit  string // "minute"
	named bool   // the period is one of the words for that unit
}

var periods = map[byte]struct {
	seconds int
	words   string
}{
	's': {1, "second s sec secs seconds"},
	'm': {60, "minute m min mins minutes"},
	'h': {3600, "hour h hr hrs hours"},
	'd': {86400, "day d days"},
}

// parseRate reads a rate as REST framework's parse_rate does.
func parseRate(s string) (rate, error) {
	count, period, ok := strings.Cut(s, "/")
	if !ok || strings.Contains(period, "/") || period == "" {
		return rate{}, fmt.Errorf("it has to be number/period")
	}
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(count), "_", ""))
	if err != nil {
		return rate{}, fmt.Errorf("%q is no number", count)
	}
	unit, ok := periods[period[0]]
	if !ok {
		return rate{}, fmt.Errorf("a period begins with s, m, h or d, not with %q", period[:1])
	}
	words := strings.Fields(unit.words)
	out := rate{count: n, every: unit.seconds, unit: words[0]}
	for _, w := range words {
		out.named = out.named || w == strings.ToLower(strings.TrimSpace(period))
	}
	return out, nil
}

// eachRate reports the first verdict on a rate that isn't right. Throttles of
// the project may read rates in a way of their own.
func (r *report) eachRate(p *Project, test func(scope, s string) verdict) {
	if !r.needs(p, p.throttled(), rest, "default throttles") {
		return
	}
	rates, own := p.api(throttleRates)
	if own == pyeval.No {
		return
	}
	r.weigh(p, sub(rest, throttleRates), rates, func(v *pyeval.Value) verdict {
		if v.Kind != pyeval.Dict {
			return p.opaque(v)
		}
		var all []verdict
		for i, k := range v.Keys {
			d := over(v.Items[i], func(x *pyeval.Value) verdict {
				if x.Kind != pyeval.Str || k.Kind != pyeval.Str {
					return right // None, or a rate that can't be seen
				}
				return test(k.S, x.S)
			})
			if d.wrong == pyeval.Yes {
				d.at = v.Items[i].At
			}
			all = append(all, d)
		}
		d := worst(all...)
		if d.wrong == pyeval.Yes && p.codeSays(rateWords...) != pyeval.No {
			return cantTell("the project has a parse_rate of its own")
		}
		return d
	})
}

func checkRateGrammar(p *Project, r *report) {
	r.eachRate(p, func(scope, s string) verdict {
		got, err := parseRate(s)
		switch {
		case err != nil:
			return wrong("the rate %q of %q can't be read (%v): every request that it counts ends in an exception", s, scope, err)
		case !got.named:
			_, period, _ := strings.Cut(s, "/")
			return wrong("the rate %q of %q is read as %d per %s: only the first letter of %q counts", s, scope, got.count, got.unit, period)
		}
		return right
	})
}

// Requests a minute beyond which a rate stops nobody.
const (
	mostAnonymous = 1200
	mostUser      = 6000
	mostLogin     = 120
)

func checkRateHigh(p *Project, r *report) {
	r.eachRate(p, func(scope, s string) verdict {
		got, err := parseRate(s)
		if err != nil || !got.named {
			return right // throttle-rate-misread judges that
		}
		most := mostUser
		switch low := strings.ToLower(scope); {
		case low == "anon":
			most = mostAnonymous
		case strings.Contains(low, "login") || strings.Contains(low, "signin") || strings.Contains(low, "password") || low == "auth" || low == "token":
			most = mostLogin
		}
		if perMinute := got.count * 60 / got.every; perMinute > most {
			return wrong("the rate %q of %q allows %d requests a minute", s, scope, perMinute)
		}
		return right
	})
}

func checkThrottleAddress(p *Project, r *report) {
	if !r.needs(p, p.throttled(), rest, "default throttles") {
		return
	}
	list, whole := p.throttles()
	byIP := !whole
	for _, t := range list {
		byIP = byIP || t.byIP || !t.known
	}
	if !byIP {
		return
	}
	v, _ := p.api("NUM_PROXIES")
	r.weigh(p, sub(rest, "NUM_PROXIES"), v, func(v *pyeval.Value) verdict {
		settled := p.settlesAddress()
		n, isNumber := number(v)
		var d verdict
		switch {
		case v.Kind == pyeval.None:
			d = wrong("NUM_PROXIES is unset: the throttles count by the X-Forwarded-For header as the client sent it")
		case isNumber && n == 0 && p.proxied() == pyeval.Yes:
			d = wrong("NUM_PROXIES is 0, but %s: all its clients share one limit", p.proxyReason()).fixed(`REST_FRAMEWORK["NUM_PROXIES"] = 1  # how many proxies stand in front`)
		case isNumber:
			return right
		default:
			return p.opaque(v)
		}
		switch settled {
		case pyeval.Yes:
			return right
		case pyeval.Maybe:
			return cantTell("NUM_PROXIES is unset, and whether a middleware settles the address can't be told")
		}
		return d
	})
}
