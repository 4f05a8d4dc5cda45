package pyeval

import (
	"math"
	"slices"
	"strings"
)

// opaque is an object that is passed on and never looked into.
type opaque struct {
	name string
	arg  *Value // the first argument it was made of
}

// partial is functools.partial.
type partial struct {
	fn *Value
	c  *call
}

func init() {
	randoms := map[string]nativeFunc{}
	for _, n := range strings.Fields(`secrets.token_urlsafe secrets.token_hex uuid.uuid4 uuid.uuid1 random.choice random.randint secrets.choice
		django.core.management.utils.get_random_secret_key django.utils.crypto.get_random_string cryptography.fernet.Fernet.generate_key random.SystemRandom
		secrets.token_bytes random.random random.choices random.sample`) {
		randoms[n] = func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "a random value, new at each start") }
	}
	register(randoms)
	objects := map[string]nativeFunc{}
	for _, n := range strings.Fields(`celery.schedules.crontab kombu.Queue kombu.Exchange logging.getLogger re.compile
		sentry_sdk.integrations.django.DjangoIntegration sentry_sdk.integrations.celery.CeleryIntegration`) {
		objects[n] = func(in *interp, c *call) *Value { return in.object(c.at, &opaque{n, c.arg(0, "pattern")}) }
	}
	register(objects)
	nothing := map[string]nativeFunc{}
	for _, n := range strings.Fields(`warnings.warn warnings.filterwarnings warnings.simplefilter sentry_sdk.init logging.basicConfig logging.config.dictConfig
		logging.info logging.warning logging.error logging.debug logging.disable logging.captureWarnings pymysql.install_as_MySQLdb mimetypes.add_type locale.setlocale
		sys.stdout.write sys.stderr.write sys.stdout.flush time.sleep`) {
		nothing[n] = func(in *interp, c *call) *Value { return in.none(c.at) }
	}
	register(nothing)
	register(map[string]nativeFunc{
		"json.loads":               lifted(Unknown, jsonLoads),
		"json.load":                jsonLoad,
		"json.dumps":               jsonDumps,
		"ast.literal_eval":         lifted(Unknown, literalEval),
		"base64.b64decode":         lifted(Bytes, b64decode),
		"base64.b64encode":         lifted(Bytes, b64encode),
		"base64.urlsafe_b64decode": func(in *interp, c *call) *Value { return in.unknown(c.at, Bytes, "", c.all()...) },
		"copy.copy":                func(in *interp, c *call) *Value { return in.copied(c, 0) },
		"copy.deepcopy":            func(in *interp, c *call) *Value { return in.copied(c, 8) },
		"functools.partial":        makePartial,
		"functools.reduce":         reduce,
		"itertools.chain":          chain,
		"itertools.chain.from_iterable": lifted(List, func(in *interp, c *call) *Value {
			items, ok := in.iterate(c.pos[0])
			return chain(in, &call{at: c.at, pos: items, open: !ok})
		}),
		"collections.OrderedDict": pyDict,
		"collections.defaultdict": func(in *interp, c *call) *Value {
			d := *c
			if len(c.pos) > 0 {
				d.pos = c.pos[1:]
			}
			return pyDict(in, &d)
		},
		"types.MappingProxyType":       pyDict,
		"importlib.util.find_spec":     findSpec,
		"importlib.metadata.version":   func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "the version of a package") },
		"django.get_version":           func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "the version of Django") },
		"django.urls.reverse_lazy":     func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "a URL, reversed", c.all()...) },
		"django.utils.functional.lazy": func(in *interp, c *call) *Value { return in.unknown(c.at, Unknown, "a lazy function") },
		"subprocess.check_output":      func(in *interp, c *call) *Value { return in.unknown(c.at, Bytes, "what a program prints") },
		"tempfile.mkdtemp":             func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "a new folder") },
		"tempfile.gettempdir":          func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "the folder for temporary files") },
		"datetime.timedelta":           timedelta,
		"datetime.datetime.now":        func(in *interp, c *call) *Value { return in.unknown(c.at, Unknown, "the time") },
		"time.time":                    func(in *interp, c *call) *Value { return in.unknown(c.at, Float, "the time") },
		"re.sub":                       func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "calls re.sub", c.all()...) },
		"re.match":                     func(in *interp, c *call) *Value { return in.unknown(c.at, Unknown, "calls re.match", c.all()...) },
		"re.search":                    func(in *interp, c *call) *Value { return in.unknown(c.at, Unknown, "calls re.search", c.all()...) },
		"re.split":                     func(in *interp, c *call) *Value { return in.unknown(c.at, List, "calls re.split", c.all()...) },
		"re.escape":                    lifted(Str, func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "calls re.escape", c.all()...) }),
	})
	text := map[string]string{
		"string.ascii_letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "string.digits": "0123456789",
		"string.ascii_lowercase": "abcdefghijklmnopqrstuvwxyz", "string.ascii_uppercase": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		"string.punctuation": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
	}
	for k, v := range cspConstants("django.utils.csp.CSP.") {
		text[k] = v
	}
	for k, v := range cspConstants("csp.constants.") { // its NONCE is an object; Django's text stands for it
		text[k] = v
	}
	text["django.utils.csp.CSP.HEADER_ENFORCE"], text["csp.constants.HEADER"] = "Content-Security-Policy", "Content-Security-Policy"
	text["django.utils.csp.CSP.HEADER_REPORT_ONLY"] = "Content-Security-Policy-Report-Only"
	text["csp.constants.HEADER_REPORT_ONLY"] = "Content-Security-Policy-Report-Only"
	for name := range types {
		text["builtins."+name+".__name__"] = name
	}
	for name, s := range text {
		constants[name] = func(in *interp) *Value { return &Value{Kind: Str, S: s} }
	}
	numbers := map[string]int64{
		"logging.DEBUG": 10, "logging.INFO": 20, "logging.WARNING": 30, "logging.WARN": 30, "logging.ERROR": 40, "logging.CRITICAL": 50, "logging.NOTSET": 0,
		"ssl.CERT_NONE": 0, "ssl.CERT_OPTIONAL": 1, "ssl.CERT_REQUIRED": 2,
	}
	for _, pkg := range []string{"django.contrib.messages.", "django.contrib.messages.constants."} {
		levels := []int64{10, 20, 25, 30, 40}
		names := []string{"DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR"}
		for i, n := range names {
			numbers[pkg+n] = levels[i]
		}
		constants[pkg+"DEFAULT_TAGS"] = func(in *interp) *Value {
			d := &Value{Kind: Dict}
			for i, n := range names {
				d.put(in.int(Place{}, levels[i]), in.str(Place{}, strings.ToLower(n)))
			}
			return d
		}
	}
	for name, n := range numbers {
		constants[name] = func(in *interp) *Value { return &Value{Kind: Int, N: n} }
	}
	corsHeaders()
	constants["django.conf.global_settings.LANGUAGES"] = func(in *interp) *Value { return &Value{Kind: List, Open: true} }
	constants["sys.version_info"] = func(in *interp) *Value { return in.unknown(Place{}, Tuple, "the version of Python") }
	constants["django.VERSION"] = func(in *interp) *Value { return in.unknown(Place{}, Tuple, "the version of Django") }
	registerMethods(miscMethod)
	registerAttributes(miscAttribute)
}

// cspConstants are the sources of a policy, by the name of their constant.
func cspConstants(prefix string) map[string]string {
	out := map[string]string{}
	for name, s := range map[string]string{
		"NONE": "'none'", "SELF": "'self'", "STRICT_DYNAMIC": "'strict-dynamic'", "UNSAFE_INLINE": "'unsafe-inline'", "UNSAFE_EVAL": "'unsafe-eval'",
		"UNSAFE_HASHES": "'unsafe-hashes'", "WASM_UNSAFE_EVAL": "'wasm-unsafe-eval'", "REPORT_SAMPLE": "'report-sample'",
		"NONCE": "<CSP_NONCE_SENTINEL>", "UNSAFE_ALLOW_REDIRECTS": "'unsafe-allow-redirects'",
	} {
		out[prefix+name] = s
	}
	return out
}

func corsHeaders() {
	lists := map[string]string{
		"corsheaders.defaults.default_headers": "accept authorization content-type user-agent x-csrftoken x-requested-with",
		"corsheaders.defaults.default_methods": "DELETE GET OPTIONS PATCH POST PUT",
	}
	for name, words := range lists {
		constants[name] = func(in *interp) *Value {
			v := &Value{Kind: Tuple}
			for _, w := range strings.Fields(words) {
				v.Items = append(v.Items, &Value{Kind: Str, S: w})
			}
			return v
		}
	}
}

func makePartial(in *interp, c *call) *Value {
	if len(c.pos) == 0 {
		return in.unknown(c.at, Unknown, "")
	}
	return in.object(c.at, &partial{c.pos[0], &call{pos: c.pos[1:], kw: c.kw, open: c.open}})
}

func reduce(in *interp, c *call) *Value {
	if len(c.pos) < 2 {
		return in.unknown(c.at, Unknown, "", c.all()...)
	}
	items, ok := in.iterate(c.pos[1])
	if len(c.pos) > 2 {
		items = append([]*Value{c.pos[2]}, items...)
	}
	if !ok || len(items) == 0 {
		return in.unknown(c.at, Unknown, "", c.all()...)
	}
	acc := items[0]
	for _, x := range items[1:] {
		in.step(1)
		acc = in.call(c.pos[0], &call{at: c.at, pos: []*Value{acc, x}})
	}
	return acc
}

func chain(in *interp, c *call) *Value {
	out := in.derive(c.at, &Value{Kind: List, Open: c.open}, c.pos...)
	for _, v := range c.pos {
		items, ok := in.iterate(v)
		out.Items = append(out.Items, items...)
		out.Open = out.Open || !ok
	}
	return out
}

func findSpec(in *interp, c *call) *Value {
	if len(c.pos) > 0 && c.pos[0].Kind == Str {
		top, _, _ := strings.Cut(c.pos[0].S, ".")
		if _, _, own := in.file(top); own || standard[top] {
			return in.object(c.at, &opaque{name: "a module"})
		}
		if in.o.Installed != nil && in.o.Installed(top) == Yes {
			return in.object(c.at, &opaque{name: "a module"})
		}
	}
	return in.choice(c.at, []*Value{in.none(c.at), in.unknown(c.at, Unknown, "whether a package is installed", c.all()...)})
}

var timeUnits = map[string]float64{
	"days": 86400, "seconds": 1, "microseconds": 1e-6, "milliseconds": 1e-3, "minutes": 60, "hours": 3600, "weeks": 7 * 86400,
}

func timedelta(in *interp, c *call) *Value {
	order := []string{"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"}
	total := 0.0
	add := func(unit string, v *Value) bool {
		_, f, _ := v.number()
		total += f * timeUnits[unit]
		return numeric(v) && timeUnits[unit] != 0
	}
	ok := !c.open && len(c.pos) <= len(order)
	for i, v := range c.pos {
		ok = ok && add(order[i], v)
	}
	for _, k := range c.kw {
		ok = ok && add(k.name, k.v)
	}
	if !ok {
		for i, v := range c.all() { // one undecided part: each case
			if v.Kind == Choice && i < len(c.pos) {
				return in.lift(c.at, v, func(x *Value) *Value {
					d := *c
					d.pos = slices.Clone(c.pos)
					d.pos[i] = x
					return timedelta(in, &d)
				})
			}
		}
		return in.unknown(c.at, Duration, "", c.all()...)
	}
	return in.derive(c.at, &Value{Kind: Duration, F: math.RoundToEven(total*1e6) / 1e6}, c.all()...)
}

func miscMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	switch r := recv.Ref.(type) {
	case *partial:
		if name == "__call__" {
			d := &call{at: c.at, pos: append(slices.Clone(r.c.pos), c.pos...), kw: append(slices.Clone(r.c.kw), c.kw...), open: c.open || r.c.open}
			return in.call(r.fn, d), true
		}
	case *opaque:
		return in.unknown(c.at, Unknown, "calls "+r.name+"."+name, c.all()...), true
	}
	if recv.Kind == Duration && name == "total_seconds" {
		return in.float(c.at, recv.F, recv), true
	}
	return nil, false
}

func miscAttribute(in *interp, recv *Value, name string, at Place) (*Value, bool) {
	if recv.Kind == Duration {
		days, seconds, micro := durationParts(recv.F)
		switch name {
		case "days":
			return in.int(at, days, recv), true
		case "seconds":
			return in.int(at, seconds, recv), true
		case "microseconds":
			return in.int(at, micro, recv), true
		}
	}
	if m, ok := recv.Ref.(*enumMember); ok {
		switch name {
		case "value":
			c := *recv
			c.Ref = nil
			return &c, true
		case "name":
			return in.str(at, m.name), true
		}
	}
	if o, ok := recv.Ref.(*opaque); ok {
		if name == "pattern" && o.name == "re.compile" && o.arg != nil {
			return o.arg, true
		}
		return in.unknown(at, Unknown, "reads an attribute", recv), true
	}
	return nil, false
}
