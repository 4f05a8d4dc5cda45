package django

import (
	"regexp"
	"sync"
)

// lazy compiles a regular expression when it is first asked for: there are
// dozens, and most commands need none.
func lazy(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
