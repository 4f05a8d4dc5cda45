package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// checkSchema reads data as one JSON value and holds it against a file of
// docs/schema. It knows the handful of keywords the schemas use, and fails on
// any other, so that a schema can't say more than is checked.
func checkSchema(name string, data []byte) error {
	text, err := os.ReadFile(filepath.Join(schemas, name))
	if err != nil {
		return err
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	var value any
	if err := d.Decode(&value); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON value")
	}
	return matches(schema, value, "$")
}

func matches(schema map[string]any, value any, at string) error {
	// The type first: the other keywords take it for granted.
	if want, ok := schema["type"]; ok {
		if err := keep(schema, "type", want, value, at); err != nil {
			return err
		}
	}
	for keyword, want := range schema {
		if err := keep(schema, keyword, want, value, at); err != nil {
			return err
		}
	}
	return nil
}

func keep(schema map[string]any, keyword string, want, value any, at string) error {
	bad := func() error { return fmt.Errorf("%s: %v is against %s: %v", at, value, keyword, want) }
	switch keyword {
	case "$schema", "$id", "title", "description":
	case "type":
		if typeOf(value) != want && !(want == "number" && typeOf(value) == "integer") {
			return bad()
		}
	case "const":
		if value != want {
			return bad()
		}
	case "enum":
		if !slices.Contains(want.([]any), value) {
			return bad()
		}
	case "minLength":
		if s, ok := value.(string); ok && float64(len(s)) < want.(float64) {
			return bad()
		}
	case "pattern":
		if s, ok := value.(string); ok && !regexp.MustCompile(want.(string)).MatchString(s) {
			return bad()
		}
	case "required":
		for _, name := range want.([]any) {
			if _, ok := value.(map[string]any)[name.(string)]; !ok {
				return fmt.Errorf("%s: %s is missing", at, name)
			}
		}
	case "properties":
		for name, sub := range want.(map[string]any) {
			if v, ok := value.(map[string]any)[name]; ok {
				if err := matches(sub.(map[string]any), v, at+"."+name); err != nil {
					return err
				}
			}
		}
	case "additionalProperties":
		for name := range value.(map[string]any) {
			if _, ok := schema["properties"].(map[string]any)[name]; !ok {
				return fmt.Errorf("%s: %s is not in the schema", at, name)
			}
		}
	case "items":
		for i, v := range value.([]any) {
			if err := matches(want.(map[string]any), v, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("%s: the test doesn't know the keyword %s", at, keyword)
	}
	return nil
}

func typeOf(v any) string {
	switch v := v.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return "null"
}

var schemas = func() string {
	// Scripts run in folders of their own.
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return filepath.Join(dir, "../../docs/schema")
}()

func TestSchemaRefuses(t *testing.T) {
	good := `{"version":1,"root":"/p","django":"5.2","settings_module":"config.settings.prod","files":[{"path":"manage.py","action":"conflict","reason":""}],"warnings":[],"next":[],"written":false,"conflicts":[{"path":"manage.py","line":2,"end":1,"reason":"both"}],"changelog":[{"change":"a","why":"b","do":""}],"env":["A=b"]}`
	if err := checkSchema("init.json", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ old, new string }{{`"line":2,`, ``}, {`"line":2`, `"line":"2"`}, {`"do":""`, `"do":null`}, {`"env":["A=b"]`, `"env":[""]`}, {`"why":"b"`, `"why":"b","more":1`}} {
		if checkSchema("init.json", bytes.Replace([]byte(good), []byte(r.old), []byte(r.new), 1)) == nil {
			t.Errorf("accepted with %s", r.new)
		}
	}
	good = `{"version":1,"root":"/p","django":"5.2","settings_module":"config.settings.prod","files":[{"path":"manage.py","action":"create","reason":""}],"warnings":[],"next":[],"written":false}`
	if err := checkSchema("init.json", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ old, new string }{
		{`"version":1`, `"version":2`},
		{`"root":"/p",`, ``},
		{`"root":"/p"`, `"root":""`},
		{`"create"`, `"made"`},
		{`"warnings":[]`, `"warnings":null`},
		{`"written":false`, `"written":"no"`},
		{`"next":[]`, `"next":[1]`},
		{`"written":false}`, `"written":false,"more":1}`},
		{`"written":false}`, `"written":false}{}`},
		{`"reason":""`, `"why":""`},
		{`"5.2"`, `"five"`},
	} {
		data := bytes.Replace([]byte(good), []byte(r.old), []byte(r.new), 1)
		if err := checkSchema("init.json", data); err == nil {
			t.Errorf("accepted with %s", r.new)
		}
	}
}

func TestCheckSchemasRefuse(t *testing.T) {
	finding := `{"rule":"DH101","title":"t","severity":"low","status":"fail","file":"a.py","line":1,"column":1,"setting":"A","value":"1","message":"m","fix":"f","cwe":[489],"asvs":["13.4.2"]}`
	setting := `{"name":"A","status":"known","value":"1","env":["B"],"required":false,"reason":"","changes":[{"file":"a.py","line":1,"how":"="}]}`
	for _, x := range []struct {
		schema, good string
		bad          [][2]string
	}{
		{
			"check.json",
			`{"version":1,"projects":[{"root":".","settings_module":"a.b","django":"5.2","checklist":[{"item":1,"title":"t","status":"pass"}],"findings":[` + finding + `]}]}`,
			[][2]string{
				{`"version":1`, `"version":2`}, {`"root":"."`, `"root":""`}, {`"a.b"`, `"a/b.py"`}, {`"5.2"`, `"five"`}, {`"status":"pass"`, `"status":"ok"`},
				{`"DH101"`, `"debug-on"`}, {`"low"`, `"minor"`}, {`"line":1,`, ``}, {`[489]`, `["CWE-489"]`}, {`"13.4.2"`, `"V13"`}, {`[489]`, `null`}, {`"fix":"f"`, `"fix":"f","more":1`},
			},
		},
		{
			"check-values.json",
			`{"version":1,"projects":[{"root":".","settings_module":"a","settings":[` + setting + `]}]}`,
			[][2]string{{`"name":"A"`, `"name":"a"`}, {`"known"`, `"read"`}, {`["B"]`, `null`}, {`"how":"="`, `"why":"="`}, {`"required":false`, `"required":"no"`}, {`"line":1`, `"line":"1"`}},
		},
	} {
		if err := checkSchema(x.schema, []byte(x.good)); err != nil {
			t.Errorf("%s: %v", x.schema, err)
		}
		for _, r := range x.bad {
			data := strings.Replace(x.good, r[0], r[1], 1)
			if data == x.good || checkSchema(x.schema, []byte(data)) == nil {
				t.Errorf("%s: accepted with %s", x.schema, r[1])
			}
		}
	}
}
