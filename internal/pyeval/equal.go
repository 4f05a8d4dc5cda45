package pyeval

import "strings"

// alike is == of two known values, to which the order of a dict or a set is
// nothing; Maybe where they are too large, or hold themselves.
func alike(a, b *Value) Truth {
	left := 1 << 16
	t := alikeIn(a, b, 0, &left)
	if left < 0 {
		return Maybe
	}
	return t
}

// alikeIn looks at no more than left pairs: values may hold each other many
// times over.
func alikeIn(a, b *Value, depth int, left *int) Truth {
	*left--
	switch {
	case a == b:
		return Yes
	case depth > 40 || *left < 0:
		*left = -1
		return Maybe
	case numeric(a) && numeric(b):
		_, x, _ := a.number()
		_, y, _ := b.number()
		return truth(x == y && (a.Kind != Int || b.Kind != Int || a.N == b.N))
	case a.Kind != b.Kind || len(a.Items) != len(b.Items):
		return No
	case a.Kind == Object:
		return truth(a.Ref == b.Ref)
	case a.Kind == Set:
		return allIn(a.Items, b.Items, depth, left)
	}
	for i, x := range a.Items {
		j := i
		if a.Kind == Dict {
			if j = b.slot(a.Keys[i]); j < 0 {
				return No
			}
		}
		if t := alikeIn(x, b.Items[j], depth+1, left); t != Yes {
			return t
		}
	}
	return truth(a.F == b.F && a.S == b.S)
}

// allIn says whether each item of a is among b.
func allIn(a, b []*Value, depth int, left *int) Truth {
	texts := map[string]bool{}
	var rest []*Value
	for _, y := range b {
		if y.Kind == Str {
			texts[y.S] = true
		} else {
			rest = append(rest, y)
		}
	}
	for _, x := range a {
		found := truth(x.Kind == Str && texts[x.S])
		for _, y := range rest {
			if found == No {
				found = alikeIn(x, y, depth+1, left)
			}
		}
		if found != Yes {
			return found
		}
	}
	return Yes
}

// sameType compares two builtin types, as type(x) is str does.
func sameType(a, b *Value) Truth {
	x, y := builtinType(a), builtinType(b)
	if x == "" || y == "" {
		return Maybe
	}
	return truth(x == y)
}

// builtinType is the name of a builtin type of data, "" for anything else.
func builtinType(v *Value) string {
	name, _ := refNative(v)
	if name, ok := strings.CutPrefix(name, "builtins."); ok && types[name] != Unknown {
		return name
	}
	return ""
}
