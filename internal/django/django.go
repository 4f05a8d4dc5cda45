// Package django says what the project on disk is (layout, settings values,
// URLs, dependencies) and holds Django's facts by version. It runs nothing
// and writes nothing.
package django

// Kind is what a folder holds.
type Kind uint8

const (
	Empty  Kind = iota // no Django project: init makes one (other files may be there)
	Single             // manage.py and one settings.py: init adopts it
	Made               // djharden.toml is there: made or adopted by djharden before
)

// Project is a folder as init finds it. Fields after Kind are set for Single.
type Project struct {
	Kind   Kind
	HasEnv bool              // .env is there
	Files  map[string][]byte // what was read and may matter to a decision, by slash path: .env, .gitignore, requirements.txt, README.md, djharden.toml, the files to patch...
}
