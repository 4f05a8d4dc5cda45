package scaffold

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// text completes an option that is a text with a checker.
func text(key string, field func(*Answers) *string, check func(string) (string, error), o Option) Option {
	o.Key = key
	o.Get = func(a Answers) string { return *field(&a) }
	o.Set = setText(key, field, check)
	return o
}

// setText stores what check makes of a text; an empty text is no answer.
func setText(key string, field func(*Answers) *string, check func(string) (string, error)) func(*Answers, string) error {
	return func(a *Answers, s string) error {
		if s = strings.TrimSpace(s); s == "" {
			*field(a) = ""
			return nil
		}
		v, err := check(s)
		if err != nil {
			return keyed(err, key, s)
		}
		*field(a) = v
		return nil
	}
}

// list completes an option that is a list of texts with a checker of each.
func list(key string, field func(*Answers) *[]string, check func(string) (string, error), o Option) Option {
	o.Key, o.Kind = key, List
	o.Get = func(a Answers) string { return strings.Join(*field(&a), ",") }
	o.Set = func(a *Answers, s string) error {
		var out []string
		for item := range strings.SplitSeq(s, ",") {
			if item = strings.TrimSpace(item); item == "" {
				continue
			}
			v, err := check(item)
			if err != nil {
				return keyed(err, key, item)
			}
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		*field(a) = out
		return nil
	}
	return o
}

// boolean completes an option that is on or off.
func boolean(key string, field func(*Answers) *bool, o Option) Option {
	o.Key, o.Kind = key, Bool
	o.Get = func(a Answers) string { return strconv.FormatBool(*field(&a)) }
	o.Set = func(a *Answers, s string) error {
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "true", "1", "yes", "y", "on":
			*field(a) = true
		case "false", "0", "no", "n", "off":
			*field(a) = false
		default:
			return &OptionError{Key: key, Value: s, Msg: "is neither true nor false"}
		}
		return nil
	}
	return o
}

// choice completes an option that is one of several words.
func choice(key string, field func(*Answers) *string, choices []string, o Option) Option {
	o.Key, o.Kind, o.Choices = key, Choice, choices
	o.Get = func(a Answers) string { return *field(&a) }
	o.Set = func(a *Answers, s string) error {
		v := strings.ToLower(strings.TrimSpace(s))
		if !slices.Contains(choices, v) {
			return &OptionError{Key: key, Value: s, Msg: "is not one of " + strings.Join(choices, ", "), Hint: didYouMean(v, choices)}
		}
		*field(a) = v
		return nil
	}
	return o
}

func formatInt(n int) string { return strconv.Itoa(n) }

// maxHops is what env.py of a generated project takes, too.
const maxHops = 5

func setHops(a *Answers, s string) error {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > maxHops {
		return &OptionError{Key: "proxy_hops", Value: s, Msg: fmt.Sprintf("is not a number from 0 to %d", maxHops),
			Hint: "count the proxies you run or rent that add to X-Forwarded-For: one nginx or load balancer is 1, a CDN before it makes 2"}
	}
	a.ProxyHops = n
	return nil
}

// setDatabaseURL stores the URL as it will stand in .env, but for what the
// TLS answer adds, which may come later: Finish does that.
func setDatabaseURL(a *Answers, s string) error {
	if s = strings.TrimSpace(s); s == "" {
		a.DatabaseURL = ""
		return nil
	}
	if _, err := parseDatabaseURL(s); err != nil {
		return keyed(err, "database_url", "")
	}
	a.DatabaseURL = s
	return nil
}

func setRedisURL(a *Answers, s string) error {
	if s = strings.TrimSpace(s); s == "" {
		a.RedisURL = ""
		return nil
	}
	v, err := CheckRedisURL(s)
	if err != nil {
		return keyed(err, "redis_url", "")
	}
	a.RedisURL = v
	return nil
}

func setUploadLimit(a *Answers, s string) error {
	n, err := ParseSize(s)
	if err != nil {
		return keyed(err, "upload_limit", s)
	}
	a.UploadLimit = n
	return nil
}
