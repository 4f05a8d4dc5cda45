package scaffold

import (
	"fmt"
	"slices"
)

// words says what the new value of a variable means, and what to do now.
func (r *rotation) words(name string) {
	k := r.Key
	if k.Name == "secret-key" {
		r.directWords()
		r.tokenWords()
	}
	r.out.Next = append(r.out.Next,
		"Restart whatever reads .env: web processes, workers, schedulers; where several machines serve the site, bring .env to all of them first. A variable "+name+" in their real environment wins over .env: change it there.")
	switch {
	case k.Name == "admin-path":
		r.out.Next = append(r.out.Next, "The new path stands in .env: grep '^"+name+"=' .env. Tell those who work there, and whatever names the old one: proxy rules, monitors.")
	case r.kept:
		lives := "sessions: SESSION_COOKIE_AGE"
		if k.Name == "jwt-key" {
			lives = "refresh tokens: REFRESH_TOKEN_LIFETIME"
		}
		r.out.Next = append(r.out.Next, "In two weeks, when nothing lives any more that the old key signed ("+lives+"):", "  djharden rotate --prune 14d")
	}
}

// directWords names the code that the old key is lost to.
func (r *rotation) directWords() {
	uses := r.Keys.Direct
	if len(uses) == 0 {
		return
	}
	more := ""
	if len(uses) > 1 {
		more = fmt.Sprintf(" (and %d more)", len(uses)-1)
	}
	r.warn("direct-use", "%s:%d%s uses settings.SECRET_KEY itself, and older keys don't reach it: what it has signed or encrypted with the old key can't be read any more", uses[0].Path, uses[0].Line, more)
}

// tokenWords says that Simple JWT signs with the secret key, where it does.
func (r *rotation) tokenWords() {
	if r.Keys.SimpleJWT && !slices.ContainsFunc(r.Keys.JWTKey, r.own) {
		r.warn("tokens-die", "Simple JWT signs with this key and takes no older ones: at the restart every access and refresh token is dead, and all clients of the API must sign in again")
	}
}
