package audit

import "github.com/djharden/djharden/internal/pyeval"

var throttleRules = []*Rule{
	{
		ID: "DH405", Name: "throttle-off", Severity: Medium, Item: 6,
		Title: "nothing limits how often the API is called",
		Why:   "REST framework has no throttle unless classes are named. Without one a script can try passwords, harvest data and keep every worker busy for as long as it likes.",
		Fix: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle", "rest_framework.throttling.UserRateThrottle"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "60/min", "user": "600/min"}`,
		CWE:  []int{770, 799},
		ASVS: []string{"2.4.1"},
		Refs: []string{restThrottle},
		Bad: `REST_FRAMEWORK.pop("DEFAULT_THROTTLE_CLASSES", None)
REST_FRAMEWORK.pop("DEFAULT_THROTTLE_RATES", None)`,
		Good: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle", "rest_framework.throttling.UserRateThrottle"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "60/min", "user": "600/min"}`,
		check: checkThrottleOff,
	},
	{
		ID: "DH406", Name: "throttle-rates-alone", Severity: Medium, Item: 6,
		Title: "throttle rates are set, but no throttle reads them",
		Why:   "DEFAULT_THROTTLE_RATES only says how often; the classes that count are in DEFAULT_THROTTLE_CLASSES, which is empty by default. The rates look like protection and do nothing.",
		Fix:   `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle", "rest_framework.throttling.UserRateThrottle"]`,
		CWE:   []int{770},
		ASVS:  []string{"2.4.1"},
		Refs:  []string{restThrottle + "#setting-the-throttling-policy"},
		Bad: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = []
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "60/min", "user": "600/min"}`,
		Good: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "60/min"}`,
		check: checkRatesAlone,
	},
	{
		ID: "DH407", Name: "throttle-without-rate", Severity: Medium, Item: 6,
		Title: "a throttle has no rate",
		Why:   "A throttle whose rate is None lets everything through. One whose scope is missing from DEFAULT_THROTTLE_RATES raises ImproperlyConfigured at every request: the setting replaces REST framework's own rates, it doesn't add to them.",
		Fix:   `REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "60/min", "user": "600/min"}`,
		CWE:   []int{770},
		ASVS:  []string{"2.4.1"},
		Refs:  []string{restThrottle + "#setting-the-throttling-policy"},
		Bad: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle", "rest_framework.throttling.UserRateThrottle"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "60/min", "user": None}`,
		Good: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "60/min", "user": None}`,
		check: checkThrottleRates,
	},
	{
		ID: "DH408", Name: "throttle-rate-misread", Severity: Medium, Item: 6,
		Title: "a throttle rate doesn't say what REST framework reads",
		Why:   "REST framework looks at the first letter of the period only: 100/month is 100 per minute, and 5/15m or 10/week raise an exception at every request.",
		Fix:   `write number/period, where the period is second, minute, hour or day`,
		CWE:   []int{770},
		ASVS:  []string{"2.4.1"},
		Refs:  []string{restThrottle + "#setting-the-throttling-policy"},
		Bad: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "500/month"}`,
		Good: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "500/day"}`,
		check: checkRateGrammar,
	},
	{
		ID: "DH409", Name: "throttle-rate-high", Severity: Low,
		Title: "a throttle rate is too high to stop anything",
		Why:   "Thousands of requests a minute from one address are what the throttle is there to refuse.",
		Fix:   `REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "60/min", "user": "600/min"}`,
		CWE:   []int{770, 799},
		ASVS:  []string{"2.4.1"},
		Refs:  []string{restThrottle},
		Bad: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "100000/min"}`,
		Good: `REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.AnonRateThrottle"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "10000/day"}`,
		check: checkRateHigh,
	},
	{
		ID: "DH410", Name: "throttle-address", Severity: Medium,
		Title: "the throttles take the client's word for its address",
		Why:   "With NUM_PROXIES unset REST framework counts by the whole X-Forwarded-For header: a client that sends another one with every request is never throttled. With 0 behind a proxy everybody shares the proxy's address and one limit.",
		Fix:   `REST_FRAMEWORK["NUM_PROXIES"] = 1  # how many proxies stand in front; 0: none`,
		CWE:   []int{348},
		ASVS:  []string{"4.1.3", "15.3.4"},
		Refs:  []string{restThrottle + "#how-clients-are-identified"},
		Bad: `MIDDLEWARE = [m for m in MIDDLEWARE if "Proxy" not in m]
REST_FRAMEWORK["NUM_PROXIES"] = None`,
		Good: `MIDDLEWARE = [m for m in MIDDLEWARE if "Proxy" not in m]
REST_FRAMEWORK["NUM_PROXIES"] = 1`,
		check: checkThrottleAddress,
	},
}

// throttle is the class of a throttle, and what it counts.
type throttle struct {
	class string
	scope string // "" where it can't be told, or where the view says
	rate  string // of the class itself
	byIP  bool   // it counts anonymous clients by address
	views bool   // the view names the scope
	known bool
}

const restThrottling = "rest_framework.throttling."

// throttle reads what a throttle class counts: REST framework's, or one of the
// project that inherits from it.
func (p *Project) throttle(name string) throttle {
	t := throttle{class: name}
	chain, others := p.lineage(name)
	for _, base := range others {
		switch base {
		case restThrottling + "AnonRateThrottle":
			t.scope, t.byIP, t.known = "anon", true, true
		case restThrottling + "UserRateThrottle":
			t.scope, t.byIP, t.known = "user", true, true
		case restThrottling + "ScopedRateThrottle":
			t.byIP, t.views, t.known = true, true, true
		case restThrottling + "SimpleRateThrottle":
			t.known = true
		}
	}
	for i := len(chain) - 1; i >= 0; i-- { // the last class first: those before it override
		c := chain[i]
		t.read(c)
	}
	return t
}

func (t *throttle) read(c *class) {
	if n := c.own("scope"); n != nil {
		t.scope, t.known = c.src.Mod.StrValue(n)
	}
	if n := c.own("rate"); n != nil {
		t.rate, t.known = c.src.Mod.StrValue(n)
	}
	for _, s := range c.stmt.Body {
		if s.Key == "def" && (s.Name == "get_rate" || s.Name == "parse_rate" || s.Name == "__init__" || s.Name == "allow_request") {
			t.known = false
		}
	}
}

// throttles are the default throttles; whole says that there are no others.
func (p *Project) throttles() (list []throttle, whole bool) {
	v, _ := p.api("DEFAULT_THROTTLE_CLASSES")
	names, whole := paths(v)
	if v.Kind == pyeval.Choice {
		return nil, false
	}
	for _, n := range names {
		list = append(list, p.throttle(n))
	}
	return list, whole
}

// throttled says whether the API has default throttles.
func (p *Project) throttled() pyeval.Truth {
	if t := p.rest(); t != pyeval.Yes {
		return t
	}
	v, _ := p.api("DEFAULT_THROTTLE_CLASSES")
	return v.Truth()
}

// rated says whether the project sets a throttle rate that isn't None.
func (p *Project) rated() pyeval.Truth {
	v, own := p.api("DEFAULT_THROTTLE_RATES")
	if own == pyeval.No {
		return pyeval.No
	}
	return v.All(func(v *pyeval.Value) pyeval.Truth {
		if v.Kind != pyeval.Dict {
			return pyeval.Maybe
		}
		out := is(v.Open)
		if out == pyeval.Yes {
			out = pyeval.Maybe
		}
		for _, x := range v.Items {
			if x.Kind != pyeval.None {
				return pyeval.Yes
			}
		}
		return out
	})
}
