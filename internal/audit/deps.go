package audit

import (
	"strconv"
)

var pin = lazy(`^\s*(?:===?|~=)\s*(\d+)`)

// pinned is the major version that a specifier holds a package at.
func pinned(spec string) (major int, ok bool) {
	m := pin().FindStringSubmatch(spec)
	if m == nil {
		return 0, false
	}
	major, err := strconv.Atoi(m[1])
	return major, err == nil
}
