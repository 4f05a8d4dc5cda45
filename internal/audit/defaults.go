package audit

import (
	"strconv"
	"strings"
	"sync"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pyeval"
)

// defaultOf is Django's default of a setting on a series, nil where it has none.
func defaultOf(f django.Facts, name string) *pyeval.Value {
	return defaultsOf(f.Series)[name]
}

// defaultsOf makes the defaults of a series once.
func defaultsOf(series string) map[string]*pyeval.Value {
	defaultsMu.Lock()
	defer defaultsMu.Unlock()
	if m := defaultsBySeries[series]; m != nil {
		return m
	}
	m := make(map[string]*pyeval.Value, len(djangoSettings))
	for _, s := range djangoSettings {
		if s.on(series) && s.value != undefined && s.value != unlisted {
			m[s.name] = pythonValue(s.value)
		}
	}
	defaultsBySeries[series] = m
	return m
}

var (
	defaultsMu       sync.Mutex
	defaultsBySeries = map[string]map[string]*pyeval.Value{}
)

// on reports whether Django reads the setting on a series.
func (s djangoSetting) on(series string) bool {
	return (s.from == "" || !seriesLess(series, s.from)) && (s.until == "" || seriesLess(series, s.until))
}

// seriesLess reports whether series a ("5.2", "2028") came before b.
func seriesLess(a, b string) bool {
	for i := range 2 {
		x, y := seriesPart(a, i), seriesPart(b, i)
		if x != y {
			return x < y
		}
	}
	return false
}

func seriesPart(series string, i int) int {
	parts := strings.Split(series, ".")
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.Atoi(parts[i])
	return n
}

// KnownToDjango reports whether a Django of the table reads the setting, on any series.
func KnownToDjango(name string) bool {
	for _, s := range djangoSettings {
		if s.name == name {
			return true
		}
	}
	return false
}

// readBy reports whether Django reads the setting on a series.
func readBy(series, name string) bool {
	for _, s := range djangoSettings {
		if s.name == name && s.on(series) {
			return true
		}
	}
	return false
}

// list and dict are written as Python's are, in order.
type (
	list []any
	dict []pair
	pair struct {
		key   string
		value any
	}
	// absent is the default of a setting that has none, or none of use here.
	absent string
)

const (
	undefined absent = "undefined" // reading it unset raises AttributeError
	unlisted  absent = "unlisted"  // long, and no rule asks
)

func pythonValue(x any) *pyeval.Value {
	switch x := x.(type) {
	case bool:
		return &pyeval.Value{Kind: pyeval.Bool, B: x}
	case int:
		return &pyeval.Value{Kind: pyeval.Int, N: int64(x)}
	case string:
		return &pyeval.Value{Kind: pyeval.Str, S: x}
	case list:
		v := &pyeval.Value{Kind: pyeval.List}
		for _, item := range x {
			v.Items = append(v.Items, pythonValue(item))
		}
		return v
	case dict:
		v := &pyeval.Value{Kind: pyeval.Dict}
		for _, p := range x {
			v.Keys = append(v.Keys, pythonValue(p.key))
			v.Items = append(v.Items, pythonValue(p.value))
		}
		return v
	}
	return &pyeval.Value{Kind: pyeval.None}
}
