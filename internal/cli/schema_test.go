package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"testing"
)

// checkSchema reads data as one JSON value and holds it against
// docs/schema/init.json. It knows the handful of keywords the schema uses, and
// fails on any other, so that the schema can't say more than is checked.
func checkSchema(data []byte) error {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		return err
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		return fmt.Errorf("%s: %w", schemaFile, err)
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

var schemaFile = func() string {
	// Scripts run in folders of their own.
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir + "/../../docs/schema/init.json"
}()

func TestSchemaRefuses(t *testing.T) {
	good := `{"version":1,"root":"/p","django":"5.2","settings_module":"config.settings.prod","files":[{"path":"manage.py","action":"create","reason":""}],"warnings":[],"next":[],"written":false}`
	if err := checkSchema([]byte(good)); err != nil {
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
		if err := checkSchema(data); err == nil {
			t.Errorf("accepted with %s", r.new)
		}
	}
}
