package scaffold

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"text/template"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pysrc"

	"github.com/djharden/djharden/templates"

	"github.com/Masterminds/sprig/v3"
)

// Render turns the answers, and the project as it stands, into the files
// djharden wants. The answers have passed Validate. Same input, same bytes.
func Render(in Input) (Result, error) {
	if in.Project == nil {
		in.Project = &django.Project{}
	}
	facts, ok := django.FactsOf(in.Answers.Django)
	if !ok {
		return Result{}, fmt.Errorf("django %q is not one of %s", in.Answers.Django, strings.Join(django.AllSeries(), ", "))
	}
	switch {
	case in.Project.Kind == django.Single, in.Answers.Settings != "":
		return renderAdopt(in)
	case in.Project.Kind == django.Made && !in.Project.HasEnv:
		return renderClone(in, facts)
	default:
		return renderNew(in, facts)
	}
}

// page is one template of the tree: its name there, without .tmpl, is its path
// in the project.
func page(tree fs.FS, name string, data any) ([]byte, error) {
	text, err := fs.ReadFile(tree, name+".tmpl")
	if err != nil {
		return nil, err
	}
	t, err := template.New(name).Delims("<%", "%>").Option("missingkey=error").Funcs(funcs()).Parse(string(text))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// newTree is the new project's part of the embedded templates.
func newTree() fs.FS {
	tree, err := fs.Sub(templates.New, "new")
	if err != nil {
		panic(err) // the name is a constant
	}
	return tree
}

// funcs are the functions of the templates: a named one of sprig, whose whole
// map has random and unordered ones in it, and Python's own spelling.
var funcs = sync.OnceValue(func() template.FuncMap {
	return template.FuncMap{"assign": assign, "py": py, "join": sprig.GenericFuncMap()["join"]}
})

// py writes a Go value as a Python literal.
func py(v any) (string, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return "True", nil
		}
		return "False", nil
	case string:
		return pysrc.Quote(v), nil
	}
	return "", fmt.Errorf("no Python literal for a %T", v)
}

// assign writes `name = "value"` at an indent as ruff formats it: in brackets
// when it is too long for one line and fits inside them.
func assign(indent int, name, value string) string {
	const width = 88
	quoted := pysrc.Quote(value)
	long := len([]rune(quoted))
	if indent+len(name)+len(" = ")+long <= width || indent+4+long > width {
		return name + " = " + quoted
	}
	pad := strings.Repeat(" ", indent)
	return name + " = (\n" + pad + "    " + quoted + "\n" + pad + ")"
}
