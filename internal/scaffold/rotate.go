package scaffold

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// Rotation is what Rotate works from.
type Rotation struct {
	Key      *RotateKey     // nil: only old keys are pruned
	Env      []byte         // .env as it stands
	Keys     *django.Keys   // what the settings read
	Variable string         // the variable that holds the key; "" finds it
	Secrets  Secrets        // new ones
	Drop     bool           // the old key isn't kept: it leaked
	Prune    *time.Duration // old keys replaced so long ago go; nil: none
	Made     bool           // djharden made or adopted the project
	Now      time.Time
}

// Rotated is what Rotate came to.
type Rotated struct {
	File     plan.File // .env
	Variable string    // the variable that has a new value; "" when only old keys were pruned
	Value    string    // the new value: for a terminal that asked for it, and nothing else
	Done     []string  // what is different, in sentences
	Warnings []Warning
	Next     []string
}

// RotateKey is a key that rotate replaces.
type RotateKey struct {
	Name    string   // on the command line: secret-key
	setting string   // SECRET_KEY
	usual   []string // its variables where no settings say which
	List    string   // the variable of old keys; "" where none are kept
	reads   func(*django.Keys) []django.KeyRead
	lists   func(*django.Keys) []django.KeyRead
	value   func(Secrets, string) string
}

// RotateKeys are all of them.
var RotateKeys = []*RotateKey{
	{"secret-key", "SECRET_KEY", []string{"SECRET_KEY", "DJANGO_SECRET_KEY"}, "SECRET_KEY_FALLBACKS",
		func(k *django.Keys) []django.KeyRead { return k.SecretKey },
		func(k *django.Keys) []django.KeyRead { return k.SecretFallbacks },
		func(s Secrets, _ string) string { return s.SecretKey }},
	{"jwt-key", "JWT_SIGNING_KEY", []string{"JWT_SIGNING_KEY"}, "JWT_SIGNING_KEY_FALLBACKS",
		func(k *django.Keys) []django.KeyRead { return k.JWTKey },
		func(k *django.Keys) []django.KeyRead { return k.JWTFallbacks },
		func(s Secrets, _ string) string { return s.JWTKey }},
	{"admin-path", "ADMIN_PATH", []string{"ADMIN_PATH", "ADMIN_URL", "DJANGO_ADMIN_URL"}, "",
		func(k *django.Keys) []django.KeyRead { return k.AdminPath }, nil, newPath},
}

// FindRotateKey finds a key by its name, or by that of its usual variable;
// nil for any other text.
func FindRotateKey(name string) *RotateKey {
	for _, k := range RotateKeys {
		if name == k.Name || name == k.setting {
			return k
		}
	}
	return nil
}

var pathShape = regexp.MustCompile(`^(\^?/?).*?(/?\$?)$`)

// newPath gives a new path the slashes of the old one.
func newPath(s Secrets, old string) string {
	m := pathShape.FindStringSubmatch(old)
	if old == "" || m == nil {
		return s.AdminPath
	}
	return m[1] + strings.TrimSuffix(s.AdminPath, "/") + m[2]
}

// Rotate puts a new value into .env, keeps the old one where the settings read
// old ones, and prunes. Every other byte stays. The error is a
// *django.Refusal: what can't be told, or can't be done without loss.
func Rotate(in Rotation) (Rotated, error) {
	r := rotation{Rotation: in, env: in.Env, reader: readerOf(in.Keys)}
	if err := r.run(); err != nil {
		return Rotated{}, err
	}
	r.out.File = plan.File{Path: ".env", Owner: plan.Patch, Perm: 0o600, Secret: true, Data: r.env, Was: in.Env, Reason: strings.Join(r.out.Done, "; ")}
	return r.out, nil
}

type rotation struct {
	Rotation
	env    []byte
	reader django.Reader // whose rules .env is read by; "" when that can't be told
	kept   bool          // the old key is among the old ones
	out    Rotated
}

// readerOf is the library that reads .env; "" where there is none, or several
// that differ.
func readerOf(k *django.Keys) django.Reader {
	var found []django.Reader
	for _, r := range k.Readers {
		if r == django.ReadsEnvirons {
			r = django.ReadsDotenv // its parser
		}
		if !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return ""
}

func (r *rotation) warn(code, format string, args ...any) {
	r.out.Warnings = append(r.out.Warnings, Warning{code, fmt.Sprintf(format, args...)})
}

func (r *rotation) refuse(manual, format string, args ...any) error {
	return &django.Refusal{Path: ".env", Reason: fmt.Sprintf(format, args...), Manual: manual}
}

func (r *rotation) run() error {
	if r.Keys.Before != "" {
		return &django.Refusal{Path: r.Keys.Before, Reason: "python-decouple reads it and not .env", Manual: "Move its values to .env, or change the key there by hand."}
	}
	if r.Key == nil {
		for _, k := range RotateKeys {
			if err := r.pruneOnly(k); err != nil {
				return err
			}
		}
		return nil
	}
	name, err := r.variable()
	if err != nil {
		return err
	}
	old, _, err := findEnv(r.env, name, r.reader)
	if err != nil {
		return r.refuse("Write it as one line "+name+"=VALUE, and run this again.", "%v", err)
	}
	if strings.Contains(old.text, "-----BEGIN") || strings.ContainsAny(old.text, "\r\n") {
		return r.refuse("Make a new key pair with the tool that made this one.", "%s holds a key pair's half or a text of several lines, no random key", name)
	}
	if old.unread {
		r.warn("line-unread", "the library that the settings use doesn't read the line of %s as it is written (it knows no export, or no blanks around =)", name)
	}
	r.out.Variable, r.out.Value = name, r.Key.value(r.Secrets, old.text)
	// In any quotes: what isn't of the safe alphabet stood there before.
	r.env = bytes.Join([][]byte{r.env[:old.start], r.env[old.end:]}, []byte(r.out.Value))
	r.done("a new %s", name)
	if r.Key.List != "" {
		if err := r.keep(name, old); err != nil {
			return err
		}
	}
	r.words(name)
	return nil
}

func (r *rotation) done(format string, args ...any) {
	r.out.Done = append(r.out.Done, fmt.Sprintf(format, args...))
}

func (r *rotation) has(name string) bool {
	_, lines := envLines(r.env, name)
	return len(lines) > 0
}

// made is code that gets a key out of what a variable names, or unpacks it.
var made = regexp.MustCompile(`\bopen\(|\bread_text\b|\bread_bytes\b|\.read\(|b64decode|decrypt`)

// variable finds the variable that holds the key.
func (r *rotation) variable() (string, error) {
	k := r.Key
	if r.Variable != "" {
		if !r.has(r.Variable) {
			return "", r.refuse("Name a variable that stands there.", "it has no line for %s", r.Variable)
		}
		return r.Variable, nil
	}
	reads := k.reads(r.Keys)
	names := django.Variables(reads, r.has)
	if k.Name == "jwt-key" {
		secret := django.Variables(r.Keys.SecretKey, r.has)
		names = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(secret, n) })
	}
	switch len(names) {
	case 1:
		for _, read := range reads {
			if slices.Contains(read.Strings, names[0]) && made.MatchString(read.Text) {
				return "", &django.Refusal{Path: read.Path, Line: read.Line, Reason: k.setting + " is not " + names[0] + " of .env itself, but made from it",
					Manual: "Change what it is made from by hand."}
			}
		}
		return names[0], nil
	case 0:
		return r.usual(reads)
	}
	return "", r.refuse("Say which: djharden rotate "+k.Name+" --variable "+names[0]+".", "the settings read %s from %s", k.setting, strings.Join(names, " and from "))
}

// usual finds the variable where no settings say which.
func (r *rotation) usual(reads []django.KeyRead) (string, error) {
	k := r.Key
	if k.Name == "jwt-key" && r.Keys.SimpleJWT && !slices.ContainsFunc(reads, r.own) {
		return "", &django.Refusal{Reason: "Simple JWT has no key of its own in these settings: it signs with SECRET_KEY",
			Manual: "djharden rotate secret-key replaces that one; a key of its own is SIMPLE_JWT[\"SIGNING_KEY\"]."}
	}
	for _, read := range reads {
		for _, name := range read.Strings {
			if name == strings.ToUpper(name) {
				return "", &django.Refusal{Path: read.Path, Line: read.Line, Reason: fmt.Sprintf("%s comes from %s, which .env doesn't have", k.setting, name),
					Manual: "Change it where it is kept: the server's environment, or its store of secrets."}
			}
		}
	}
	if len(reads) > 0 {
		return "", &django.Refusal{Path: reads[0].Path, Line: reads[0].Line, Reason: k.setting + " doesn't come from a variable of .env",
			Manual: "Read it from the environment first (djharden init does that), or name the variable: djharden rotate " + k.Name + " --variable NAME."}
	}
	for _, name := range k.usual {
		if r.has(name) {
			r.warn("not-read", "no settings were found that read %s: see that what runs the site takes it from .env", name)
			return name, nil
		}
	}
	return "", r.refuse("Name the variable: djharden rotate "+k.Name+" --variable NAME.", "it has no %s, and no settings say which variable that is", k.setting)
}

// own reports whether a signing key isn't just the secret key again.
func (r *rotation) own(read django.KeyRead) bool {
	for _, name := range read.Strings {
		if !slices.ContainsFunc(r.Keys.SecretKey, func(s django.KeyRead) bool { return slices.Contains(s.Strings, name) }) {
			return true
		}
	}
	return false
}
