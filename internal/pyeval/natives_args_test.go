package pyeval

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// argSets are arguments that a call may have, however wrong.
func argSets(in *interp) [][]*Value {
	at := Place{}
	str := func(s string) *Value { return in.str(at, s) }
	one := []*Value{
		in.none(at), in.bool(at, true), in.int(at, 3), in.int(at, -1), in.float(at, 1.5), str(""), str("a,b"), str("%s {0} {x"), str("postgres://u:p@h:x/n"),
		in.derive(at, &Value{Kind: Bytes, S: "\xff"}), in.list(at, nil), in.list(at, []*Value{str("a"), in.none(at)}), in.tuple(at, str("a"), in.int(at, 1)),
		{Kind: Set, Items: []*Value{str("a")}}, {Kind: Dict, Keys: []*Value{str("k")}, Items: []*Value{in.int(at, 1)}}, {Kind: Dict, Open: true},
		{Kind: Duration, F: 5}, {Kind: Path, S: "a/b"}, in.unknown(at, Unknown, "?"), in.unknown(at, Str, "?"), in.unknown(at, List, "?"),
		in.choice(at, []*Value{str("x"), in.none(at)}), in.object(at, &Native{Name: "builtins.str"}),
	}
	out := [][]*Value{nil}
	for i, v := range one {
		out = append(out, []*Value{v}, []*Value{v, one[(i+7)%len(one)]}, []*Value{v, one[(i+3)%len(one)], one[(i+5)%len(one)]}, []*Value{one[6], v}, []*Value{v, v, v, v, v})
	}
	return out
}

// TestNativesTakeAnything calls each model with all kinds of arguments: what
// comes is a value or a Python exception.
func TestNativesTakeAnything(t *testing.T) {
	try := func(name string, f func(in *interp, args []*Value, kw []kwarg) *Value) {
		in := &interp{o: Options{Root: "/project", FS: fstest.MapFS{}}, fs: fstest.MapFS{}, mods: map[string]*Module{}, assumed: map[string]bool{}, missing: map[string]bool{}}
		for _, catch := range []bool{false, true} {
			if catch {
				in.tries = []*tryFrame{{catches: []string{"BaseException"}}}
			}
			for _, args := range argSets(in) {
				for _, kw := range [][]kwarg{nil, {{"default", in.none(Place{})}, {"nope", in.int(Place{}, 1)}}} {
					calling(t, name, args, func() {
						in.steps, in.stmt = 0, 0
						if v := f(in, args, kw); v == nil {
							t.Errorf("%s gives no value", describe(name, args))
						}
					})
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(natives)) {
		try(name, func(in *interp, args []*Value, kw []kwarg) *Value {
			return in.native(name, &call{pos: args, kw: kw})
		})
	}
	in := &interp{}
	receivers := []*Value{
		in.str(Place{}, "a,b"), {Kind: Bytes, S: "ab"}, in.list(Place{}, []*Value{in.int(Place{}, 1)}), {Kind: List, Open: true}, {Kind: Tuple},
		{Kind: Dict, Keys: []*Value{in.str(Place{}, "k")}, Items: []*Value{in.int(Place{}, 1)}}, {Kind: Dict, Open: true}, {Kind: Set, Items: []*Value{in.int(Place{}, 1)}},
		{Kind: Path, S: "/a/b.c"}, {Kind: Duration, F: 1}, in.object(Place{}, &environEnv{scheme: map[string]*Value{}}), in.object(Place{}, &environsEnv{}),
		in.object(Place{}, decoupleConfig{}), in.object(Place{}, &csvCast{delimiter: ","}), in.object(Place{}, &choicesCast{}),
		in.object(Place{}, &parsedURL{in.str(Place{}, "http://h")}), in.object(Place{}, &opaque{name: "x"}), in.object(Place{}, &Native{Name: "os.environ"}),
		in.object(Place{}, &file{in.str(Place{}, "a\nb")}),
	}
	for i, recv := range receivers {
		names := strings.Fields(dataNames[recv.Kind] + " __call__ __getitem__ __contains__ __mod__ str bool int list dict url db cache email path json float bytes tuple timedelta log_level dj_db_url read get pop setdefault __setitem__ items joinpath with_name with_suffix relative_to exists read_text open glob readline readlines hostname port total_seconds geturl prefixed read_env parents parent suffixes parts")
		for _, name := range names {
			try(fmt.Sprintf("%d.%s", i, name), func(in *interp, args []*Value, kw []kwarg) *Value {
				c := *recv
				c.Items, c.Keys = slices.Clone(recv.Items), slices.Clone(recv.Keys)
				in.attr(&c, name, Place{})
				return in.methodOf(&c, name, &call{pos: slices.Clone(args), kw: kw}, nil)
			})
		}
	}
}

// calling lets a Python exception pass, and says which call panicked.
func calling(t *testing.T, name string, args []*Value, f func()) {
	defer func() {
		switch x := recover().(type) {
		case nil, *pyExc, outOfSteps:
		default:
			t.Errorf("%s: %v", describe(name, args), x)
		}
	}()
	f()
}

func describe(name string, args []*Value) string {
	var out []string
	for _, a := range args {
		out = append(out, show(a))
	}
	return name + "(" + strings.Join(out, ", ") + ")"
}
