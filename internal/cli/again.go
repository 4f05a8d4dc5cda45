package cli

import (
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/scaffold"
)

// again is init in a project that has its djharden.toml and its .env: with
// the same answers there is nothing to do; other answers are sync's.
func (r *initRun) again() error {
	saved, err := answer(r.sources.saved, r.project, r.root)
	if err != nil {
		return err
	}
	asked, err := answer(r.sources.merged(), r.project, r.root)
	if err != nil {
		return err
	}
	for _, a := range []*scaffold.Answers{&saved, &asked} {
		a.DatabaseURL = r.fromEnv("DATABASE_URL")
		a.RedisURL = r.fromEnv("REDIS_URL")
		a.AdminPath = r.fromEnv("ADMIN_PATH")
	}
	for _, key := range []string{"database_url", "redis_url", "admin_path"} {
		if g, ok := r.sources.asked[key]; ok {
			if err := scaffold.FindOption(key).Set(&asked, g.text); err != nil {
				return optionFailure(err, g.from)
			}
		}
	}
	// What .env holds may have been written by hand: judged by nobody here, only
	// brought to the form that the answer has.
	if u, _, _, err := scaffold.NormalizeDatabaseURL(saved.DatabaseURL, saved.DatabaseTLS); err == nil && saved.DatabaseURL != "" {
		saved.DatabaseURL = u
	}
	if _, err := scaffold.Finish(&asked); err != nil {
		return optionFailure(err, fromOf(err, r.sources.merged()))
	}
	// An adopted project may have them under names of its own.
	env := r.project.Files[".env"]
	for _, v := range []struct{ saved, asked *string }{{&saved.DatabaseURL, &asked.DatabaseURL}, {&saved.RedisURL, &asked.RedisURL}, {&saved.AdminPath, &asked.AdminPath}} {
		if *v.saved == "" && *v.asked != "" && scaffold.DotEnvHolds(env, *v.asked) {
			*v.saved = *v.asked
		}
	}
	if diff := r.differences(saved, asked); len(diff) > 0 {
		return usage("djharden sync takes other answers, by the same flags or from djharden.toml, and merges them with your edits",
			"%s is set up already, with other answers: nothing was changed\n%s", r.shown, strings.Join(diff, "\n"))
	}
	w := words{p: r.p, root: r.root, shown: r.shown, project: r.project, answers: saved}
	return w.nothing(r.mode)
}

func (r *initRun) fromEnv(name string) string {
	v, _ := scaffold.DotEnvValue(r.project.Files[".env"], name)
	return v
}

// differences lists the answers this run was asked for that aren't the saved
// ones, old and new, secrets masked.
func (r *initRun) differences(saved, asked scaffold.Answers) []string {
	var list []string
	for _, o := range scaffold.Options {
		if _, ok := r.sources.asked[o.Key]; !ok {
			continue
		}
		was, is := o.Get(saved), o.Get(asked)
		if was == is {
			continue
		}
		old, new := shownValue(o, was), shownValue(o, is)
		if old == new {
			new = "another password"
		}
		list = append(list, fmt.Sprintf("--%s: %s -> %s", o.Flag(), old, new))
	}
	return list
}

// shownValue is an answer as it may be shown.
func shownValue(o scaffold.Option, v string) string {
	switch {
	case v == "":
		return "none"
	case o.Secret:
		return scaffold.MaskURL(v)
	}
	return v
}
