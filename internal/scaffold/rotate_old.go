package scaffold

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/djharden/djharden/internal/django"
)

// oldKey is a key that still verifies, and when it was replaced; the zero time
// where nothing says so.
type oldKey struct {
	text string
	when time.Time
}

// oldKeys is the variable of old keys: what it holds, and how.
type oldKeys struct {
	name string
	csv  bool // decouple's Csv() takes it apart
	one  bool // the settings take it for one key
	list []oldKey
}

// datesLine is the comment above the variable: when each key was replaced, in
// the order of the keys.
var datesLine = regexp.MustCompile(`^[ \t]*#[ \t]*Replaced:[ \t]*(.*?)[ \t]*$`)

const undated = "unknown"

// oldOf reads the old keys of k. read is false where the settings don't.
func (r *rotation) oldOf(k *RotateKey) (o oldKeys, read bool, err error) {
	o.name = k.List
	reads := k.lists(r.Keys)
	names := django.Variables(reads, r.has)
	if len(names) == 0 {
		for _, x := range reads {
			for _, s := range x.Strings {
				if s == strings.ToUpper(s) && !slices.Contains(names, s) {
					names = append(names, s)
				}
			}
		}
	}
	if len(names) > 1 {
		return o, false, r.refuse("Keep one of them.", "the settings read old keys from %s", strings.Join(names, " and from "))
	}
	if len(names) == 1 {
		o.name, read = names[0], true
		for _, x := range reads {
			if slices.Contains(x.Strings, o.name) {
				o.csv, o.one = o.csv || x.CSV, o.one || x.Items
			}
		}
	}
	v, found, err := findEnv(r.env, o.name, r.reader)
	if err != nil {
		return o, read, r.refuse("Write it as one line "+o.name+"=VALUE, and run this again.", "%v", err)
	}
	if !found {
		return o, read, nil
	}
	dates := datesOf(r.env, o.name)
	var texts []string
	for text := range strings.SplitSeq(v.text, ",") {
		if text = strings.TrimSpace(text); o.csv {
			text = strings.Trim(text, `"`)
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	for i, text := range texts {
		old := oldKey{text: text}
		if len(dates) == len(texts) { // else somebody has changed the list, and no date can be told
			old.when = dates[i]
		}
		o.list = append(o.list, old)
	}
	return o, read, nil
}

// comment is the line of dates above a variable: where it begins and ends, and
// what it says; ok is false when there is none.
func comment(data []byte, name string) (start, end int, dates string, ok bool) {
	_, lines := envLines(data, name)
	if len(lines) != 1 {
		return 0, 0, "", false
	}
	for start = lines[0]; start > 0; {
		end = start - 1
		if end > 0 && data[end] == '\n' && data[end-1] == '\r' {
			end--
		}
		start = bytes.LastIndexAny(data[:end], "\r\n") + 1
		line := bytes.TrimPrefix(data[start:end], bom)
		if m := datesLine.FindSubmatch(line); m != nil {
			return end - len(line), end, string(m[1]), true
		}
		if t := bytes.TrimLeft(line, " \t"); len(t) == 0 || t[0] != '#' {
			break
		}
	}
	return 0, 0, "", false
}

func datesOf(data []byte, name string) []time.Time {
	_, _, text, ok := comment(data, name)
	if !ok {
		return nil
	}
	var out []time.Time
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		when, err := time.Parse(time.RFC3339, word)
		if err != nil { // a day that a person wrote: its end
			if when, err = time.Parse(time.DateOnly, word); err == nil {
				when = when.Add(24 * time.Hour)
			}
		}
		if err != nil {
			when = time.Time{}
		}
		out = append(out, when)
	}
	return out
}

// keep puts the old key of the variable name among the old ones, where that
// is of use.
func (r *rotation) keep(name string, old envValue) error {
	o, read, err := r.oldOf(r.Key)
	if err != nil {
		return err
	}
	before := slices.Clone(o.list)
	o.list = slices.DeleteFunc(o.list, func(k oldKey) bool { return k.text == old.text })
	gone := r.prune(&o)
	switch {
	case old.text == "":
	case r.Drop:
		r.warn("signed-out", "the old key is gone: %s", r.ends())
	case !read && r.Key.Name == "jwt-key":
		r.warn("signed-out", "no settings read %s, so there is no overlap: %s%s", o.name, r.ends(), r.overlap())
	case r.checked() && !passes(old.text):
		r.warn("old-key-weak", "the old key is one that production refuses to start with, so it isn't kept")
	default:
		if err := r.add(&o, name, old, read); err != nil {
			return err
		}
	}
	if gone > 0 {
		r.done("%s gone from %s", counted(gone, "older key"), o.name)
	}
	if len(o.list) > maxOldKeys {
		r.warn("many-old-keys", "%s holds %d keys, and each is tried on whatever doesn't verify: djharden rotate --prune 14d drops those that are older than sessions live", o.name, len(o.list))
	}
	if slices.Equal(o.list, before) {
		return nil
	}
	return r.write(o, name)
}

// add puts the old key first among the old ones.
func (r *rotation) add(o *oldKeys, name string, old envValue, read bool) error {
	if strings.ContainsAny(old.text, ",\r\n\"") || o.csv && strings.Contains(old.text, `\`) || strings.TrimSpace(old.text) != old.text {
		return r.refuse("--no-fallback drops the old key, and signs everybody out.", "the old %s has characters in it that a list of keys can't hold", name)
	}
	if o.one && len(o.list) > 0 {
		r.warn("one-fallback", "the settings take %s for one key, so the older one is gone", o.name)
		o.list = nil
	}
	o.list = append([]oldKey{{old.text, r.Now}}, o.list...)
	r.kept = true
	r.done("the old one stays in %s", o.name)
	if !read {
		r.warn("not-read", "no settings read %s: everybody is signed out at the restart, unless a line of the settings does before it (Django knows it since 4.1)", o.name)
		r.out.Next = append(r.out.Next, "Before the restart, in the settings:", "  "+r.readLine(o.name))
	}
	r.disagree(name, old)
	return nil
}

// maxOldKeys are so many that somebody should prune.
const maxOldKeys = 5

// checked reports whether the settings judge old keys as djharden's do.
func (r *rotation) checked() bool {
	return slices.ContainsFunc(r.Key.lists(r.Keys), func(x django.KeyRead) bool { return strings.Contains(x.Text, "checks.secret") })
}

// ends says who loses what when the old key verifies nothing any more.
func (r *rotation) ends() string {
	if r.Key.Name == "jwt-key" {
		return "at the restart every access and refresh token is dead, and all clients of the API must sign in again"
	}
	return "at the restart everybody is signed out, and password-reset links are dead"
}

func (r *rotation) overlap() string {
	if r.Made {
		return " (djharden undo, djharden sync and this again give one)"
	}
	return " (Simple JWT has no setting for older keys)"
}

// readLine is the line of settings that reads a list of old keys.
func (r *rotation) readLine(name string) string {
	const each = "[key for key in %s.split(\",\") if key]"
	value := fmt.Sprintf(each, fmt.Sprintf("os.environ.get(%q, \"\")", name))
	switch {
	case r.reader == django.ReadsDecoup:
		value = fmt.Sprintf("config(%q, default=\"\", cast=lambda text: %s)", name, fmt.Sprintf(each, "text"))
	case r.reader == django.ReadsEnviron, slices.Contains(r.Keys.Readers, django.ReadsEnvirons):
		value = fmt.Sprintf("env.list(%q, default=[])", name)
	}
	return name + " = " + value
}

// disagree warns where nobody can tell what the old key was to its reader.
func (r *rotation) disagree(name string, old envValue) {
	if r.reader != "" {
		return
	}
	for _, reader := range []django.Reader{django.ReadsEnviron, django.ReadsDecoup} {
		if v, _, err := findEnv(r.Env, name, reader); err != nil || v.text != old.text {
			r.warn("readers-differ", "readers of .env take the old %s in different ways, and nothing says which of them the site has: it was kept as python-dotenv takes it", name)
			return
		}
	}
}

// prune drops the keys that were replaced long enough ago, and counts them.
func (r *rotation) prune(o *oldKeys) (gone int) {
	if r.Prune == nil {
		return 0
	}
	unknown := 0
	o.list = slices.DeleteFunc(o.list, func(k oldKey) bool {
		old := !k.when.IsZero() && r.Now.Sub(k.when) >= *r.Prune
		switch {
		case old:
			gone++
		case k.when.IsZero():
			unknown++
		}
		return old
	})
	if unknown > 0 {
		r.warn("undated", "%s in %s without a date, which stay until somebody takes them out by hand, or dates all of the list in a line above it, such as: # Replaced: 2006-01-02, 2006-01-01", counted(unknown, "key"), o.name)
	}
	return gone
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (r *rotation) pruneOnly(k *RotateKey) error {
	if k.List == "" {
		return nil
	}
	o, _, err := r.oldOf(k)
	if err != nil || len(o.list) == 0 {
		return err
	}
	gone := r.prune(&o)
	if gone == 0 {
		return nil
	}
	r.done("%s gone from %s", counted(gone, "old key"), o.name)
	return r.write(o, "")
}
