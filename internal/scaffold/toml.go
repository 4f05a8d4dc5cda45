package scaffold

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// ConfigError is a djharden.toml that can't be read. Hint may be empty.
type ConfigError struct {
	Where string // file:line, or the file alone
	Msg   string
	Hint  string
}

func (e *ConfigError) Error() string { return e.Where + ": " + e.Msg }

// TOML returns djharden.toml: every answer but the secrets, with a comment on
// each. A password in the Redis URL stands as ***; the database URL and the admin
// path are not in it.
func TOML(a Answers, version string) []byte {
	var b strings.Builder
	b.WriteString("# djharden's answers: what you want of this project. No secret is kept here.\n")
	b.WriteString(tomlHead(version) + "\n")
	for _, o := range Options {
		if !o.Unsaved && applies(o.Key, a) {
			b.WriteString("\n" + strings.Join(tomlBlock(o, a), "\n") + "\n")
		}
	}
	return []byte(b.String())
}

// tomlHead is the line that says what wrote the file: writtenBy reads it.
func tomlHead(version string) string {
	return fmt.Sprintf("# Change one and run `djharden sync`. Written by djharden %s, templates %d.", commentText(version), TemplateVersion)
}

// tomlBlock is an answer with the comment above it.
func tomlBlock(o Option, a Answers) []string {
	var lines []string
	for _, line := range wrap(o.Security, 96) {
		lines = append(lines, "# "+line)
	}
	if o.Kind == Choice {
		lines = append(lines, "# One of: "+strings.Join(o.Choices, ", ")+".")
	}
	return append(lines, o.Key+" = "+tomlValue(o, a))
}

// applies leaves out answers that this project has no use for.
func applies(key string, a Answers) bool {
	switch key {
	case "jwt", "cors_origin":
		return a.API()
	case "csrf_trusted_origin":
		return a.API() && !a.JWT
	case "settings":
		return a.Settings != ""
	case "package":
		return a.Package != ""
	case "hsts_since":
		return a.HSTSSince != ""
	}
	return true
}

func tomlValue(o Option, a Answers) string {
	v := o.Get(a)
	switch o.Kind {
	case Bool, Int:
		return v
	case List:
		var items []string
		for item := range strings.SplitSeq(v, ",") {
			if item != "" {
				items = append(items, tomlString(item))
			}
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	if o.Secret {
		v = MaskURL(v)
	}
	return tomlString(v)
}

// tomlString quotes any text as a basic string of TOML.
func tomlString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case isControl(r):
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func commentText(s string) string {
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// wrap breaks a text into lines of at most width bytes where its words allow.
func wrap(s string, width int) []string {
	var lines []string
	for _, w := range strings.Fields(s) {
		if n := len(lines); n > 0 && len(lines[n-1])+1+len(w) <= width {
			lines[n-1] += " " + w
			continue
		}
		lines = append(lines, w)
	}
	return lines
}

// ParseTOML reads a djharden.toml or --config file into the text of each answer, by key. It
// checks keys and types, not values (Option.Set does). name is the file's, for
// the *ConfigError.
func ParseTOML(data []byte, name string) (map[string]string, error) {
	var raw map[string]any
	md, err := toml.Decode(strings.TrimPrefix(string(data), "\ufeff"), &raw)
	if err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) && pe.Position.Line > 0 {
			return nil, &ConfigError{Where: fmt.Sprintf("%s:%d", name, pe.Position.Line), Msg: "is not TOML: " + parseMessage(pe)}
		}
		return nil, &ConfigError{Where: name, Msg: "is not TOML"}
	}
	out := map[string]string{}
	for _, k := range md.Keys() {
		if _, done := out[k[0]]; done || k[0] == "check" {
			continue // a.b after a; [[check.ignore]] is read by ReadOptOuts
		}
		where := name
		if line := keyLine(data, k[0]); line > 0 {
			where = fmt.Sprintf("%s:%d", name, line)
		}
		o := FindOption(k[0])
		if o == nil {
			return nil, unknownKey(where, k[0], raw[k[0]])
		}
		v, err := textOf(o, raw[k[0]])
		if err != nil {
			return nil, &ConfigError{Where: where, Msg: o.Key + " " + err.Error(), Hint: "write " + exampleOf(o, raw[k[0]])}
		}
		out[o.Key] = v
	}
	return out, nil
}

// parseMessage is the parser's message without the text of the line, which may
// hold a password.
func parseMessage(pe toml.ParseError) string {
	if strings.ContainsAny(pe.Message, `'"`+"`") {
		return "the line can't be read"
	}
	return pe.Message
}

func unknownKey(where, key string, value any) error {
	var keys []string
	for _, o := range Options {
		keys = append(keys, o.Key)
	}
	if _, ok := value.(map[string]any); ok {
		return &ConfigError{Where: where, Msg: fmt.Sprintf("[%s] is a table, and djharden.toml has none", clip(key)), Hint: "write the keys at the top level"}
	}
	hint := didYouMean(strings.ReplaceAll(strings.ToLower(key), "-", "_"), keys)
	if hint == "" {
		hint = "the keys are " + strings.Join(keys, ", ")
	}
	return &ConfigError{Where: where, Msg: fmt.Sprintf("%q is not a key that djharden knows", clip(key)), Hint: hint}
}

// textOf returns a decoded value as the text that Option.Set reads.
func textOf(o *Option, v any) (string, error) {
	switch v := v.(type) {
	case string:
		if o.Kind != Bool && o.Kind != Int && o.Kind != List {
			return v, nil
		}
	case bool:
		if o.Kind == Bool {
			return strconv.FormatBool(v), nil
		}
	case int64:
		if o.Kind == Int || o.Kind == Size {
			return strconv.FormatInt(v, 10), nil
		}
	case []any:
		if o.Kind == List {
			return textOfList(v)
		}
	}
	return "", errors.New("must be " + map[OptionKind]string{
		Text: "a text", Choice: "a text", List: "an array of texts", Bool: "true or false", Int: "a number", Size: "a text or a number",
	}[o.Kind])
}

func textOfList(items []any) (string, error) {
	var out []string
	for _, item := range items {
		s, ok := item.(string)
		if !ok || strings.Contains(s, ",") {
			return "", errors.New("must be an array of texts, one item each")
		}
		out = append(out, s)
	}
	return strings.Join(out, ","), nil
}

// exampleOf shows the right way to write a key, with the value given where
// that is safe to show.
func exampleOf(o *Option, v any) string {
	switch o.Kind {
	case List:
		if s, ok := v.(string); ok && !o.Secret {
			return o.Key + " = [" + tomlString(clip(s)) + "]"
		}
		return o.Key + ` = ["...", "..."]`
	case Bool:
		return o.Key + " = true"
	case Int:
		return o.Key + " = 1"
	case Size:
		return o.Key + ` = "10MB"`
	}
	switch v.(type) {
	case int64, float64, bool:
		if !o.Secret {
			return fmt.Sprintf("%s = \"%v\"", o.Key, v)
		}
	}
	return o.Key + ` = "..."`
}

// keyLine returns the line of a top-level key, or 0. The decoder knows keys,
// not their lines.
func keyLine(data []byte, key string) int {
	for i, line := range strings.Split(string(data), "\n") {
		k, _, ok := strings.Cut(strings.TrimPrefix(line, "\ufeff"), "=")
		k = strings.TrimSpace(k)
		if ok && slices.Contains([]string{key, `"` + key + `"`, "'" + key + "'"}, k) {
			return i + 1
		}
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "[") && strings.HasPrefix(strings.Trim(t, "[ \"'"), key) {
			return i + 1
		}
		if strings.HasPrefix(k, key+".") && ok {
			return i + 1
		}
	}
	return 0
}

// LeakInTOML says, in words, which secrets a parsed djharden.toml of a project
// holds, where git would keep them; "" for none. A --config file outside the
// project may hold them.
func LeakInTOML(values map[string]string) string {
	var found []string
	if values["database_url"] != "" && MaskURL(values["database_url"]) != values["database_url"] {
		found = append(found, "the database password")
	}
	if u := values["redis_url"]; u != "" && MaskURL(u) != u {
		found = append(found, "the Redis password")
	}
	if len(found) == 0 {
		return ""
	}
	return "djharden.toml holds " + strings.Join(found, " and ") + ": git keeps it for ever; move it to .env and change it"
}

// OptOut is an entry of [[check.ignore]]: a finding that check leaves out.
type OptOut struct {
	Rule, Path, Setting, Reason, Until string
	Where                              string // for people
}

// ReadOptOuts reads the [[check.ignore]] tables of a djharden.toml. Each needs a
// rule, a reason and the date until which it counts. name is the file's, for
// the *ConfigError.
func ReadOptOuts(data []byte, name string) ([]OptOut, error) {
	var raw struct {
		Check struct {
			Ignore []map[string]any `toml:"ignore"`
		} `toml:"check"`
	}
	const hint = "write [[check.ignore]] with rule = \"DH101\", reason = \"...\", until = 2027-01-31; path and setting may narrow it"
	if _, err := toml.Decode(strings.TrimPrefix(string(data), "\ufeff"), &raw); err != nil {
		return nil, &ConfigError{Where: name, Msg: "its [[check.ignore]] can't be read", Hint: hint}
	}
	var out []OptOut
	for i, t := range raw.Check.Ignore {
		where := fmt.Sprintf("%s: entry %d of [[check.ignore]]", name, i+1)
		o := OptOut{Where: where}
		fields := map[string]*string{"rule": &o.Rule, "path": &o.Path, "setting": &o.Setting, "reason": &o.Reason, "until": &o.Until}
		for k, v := range t {
			to := fields[k]
			if to == nil {
				return nil, &ConfigError{Where: where, Msg: fmt.Sprintf("has a key %q", clip(k)), Hint: hint}
			}
			switch x := v.(type) {
			case string:
				*to = strings.TrimSpace(x)
			case time.Time:
				*to = x.Format(time.DateOnly)
			}
		}
		if _, err := time.Parse(time.DateOnly, o.Until); err != nil {
			return nil, &ConfigError{Where: where, Msg: "needs until, a date", Hint: hint}
		}
		if o.Rule == "" || o.Reason == "" {
			return nil, &ConfigError{Where: where, Msg: "needs a rule and a reason", Hint: hint}
		}
		out = append(out, o)
	}
	return out, nil
}
