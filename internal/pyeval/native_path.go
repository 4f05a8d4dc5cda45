package pyeval

import (
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

func init() {
	paths := map[string]nativeFunc{}
	for _, name := range []string{"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath", "environ.Path"} {
		paths[name] = makePath
	}
	paths["pathlib.Path.cwd"] = func(in *interp, c *call) *Value {
		return in.unknown(c.at, Path, "the folder that the server starts in")
	}
	paths["pathlib.Path.home"] = func(in *interp, c *call) *Value {
		return in.unknown(c.at, Path, "the home folder of the server's user")
	}
	paths["builtins.open"] = open
	paths["io.open"] = open
	register(paths)
	registerMethods(pathMethod)
	registerMethods(fileMethod)
	registerAttributes(pathAttribute)
}

// file is an open file of the project: its content.
type file struct{ content *Value }

func makePath(in *interp, c *call) *Value {
	out := ""
	for i, v := range c.pos {
		if v.Kind == Choice {
			return in.lift(c.at, v, func(x *Value) *Value {
				d := *c
				d.pos = append(append(append([]*Value{}, c.pos[:i]...), x), c.pos[i+1:]...)
				return makePath(in, &d)
			})
		}
		if v.Kind != Str && v.Kind != Path {
			return in.unknown(c.at, Path, "", c.pos...)
		}
		if path.IsAbs(v.S) || out == "" {
			out = tidy(v.S)
		} else {
			out = tidy(out + "/" + v.S)
		}
	}
	if out == "" {
		out = "."
	}
	return in.derive(c.at, &Value{Kind: Path, S: out}, c.pos...)
}

// tidy is what pathlib makes of a path: no double slashes, no single dots, but
// double dots stay.
func tidy(p string) string {
	abs := strings.HasPrefix(p, "/")
	var parts []string
	for _, s := range strings.Split(p, "/") {
		if s != "" && s != "." {
			parts = append(parts, s)
		}
	}
	s := strings.Join(parts, "/")
	switch {
	case abs:
		return "/" + s
	case s == "":
		return "."
	}
	return s
}

func pathAttribute(in *interp, recv *Value, name string, at Place) (*Value, bool) {
	if recv.Kind == Unknown && recv.Of == Path {
		switch name {
		case "parent":
			return in.unknown(at, Path, "", recv), true
		case "name", "stem", "suffix":
			return in.unknown(at, Str, "", recv), true
		}
	}
	if recv.Kind != Path {
		return nil, false
	}
	base := path.Base(recv.S)
	ext := ""
	if i := strings.LastIndexByte(base, '.'); i > 0 && i < len(base)-1 {
		ext = base[i:]
	}
	switch name {
	case "parent":
		return in.derive(at, &Value{Kind: Path, S: parentOf(recv.S)}, recv), true
	case "parents":
		out := in.derive(at, &Value{Kind: Tuple}, recv)
		for p := recv.S; ; {
			up := parentOf(p)
			if up == p {
				return out, true
			}
			out.Items = append(out.Items, in.derive(at, &Value{Kind: Path, S: up}, recv))
			p = up
		}
	case "name":
		if base == "." || base == "/" {
			base = ""
		}
		return in.str(at, base, recv), true
	case "stem":
		return in.str(at, strings.TrimSuffix(base, ext), recv), true
	case "suffix":
		return in.str(at, ext, recv), true
	case "suffixes":
		out := in.derive(at, &Value{Kind: List}, recv)
		if !strings.HasSuffix(base, ".") {
			for _, s := range strings.Split(strings.TrimLeft(base, "."), ".")[1:] {
				out.Items = append(out.Items, in.str(at, "."+s, recv))
			}
		}
		return out, true
	case "parts":
		out := in.derive(at, &Value{Kind: Tuple}, recv)
		rest := recv.S
		if strings.HasPrefix(rest, "/") {
			out.Items = append(out.Items, in.str(at, "/", recv))
			rest = rest[1:]
		}
		for _, s := range strings.Split(rest, "/") {
			if s != "" {
				out.Items = append(out.Items, in.str(at, s, recv))
			}
		}
		return out, true
	case "root", "anchor":
		return in.str(at, map[bool]string{true: "/"}[path.IsAbs(recv.S)], recv), true
	}
	return nil, false
}

func parentOf(p string) string {
	if i := strings.LastIndexByte(p, '/'); i > 0 {
		return p[:i]
	} else if i == 0 {
		return "/"
	}
	return "."
}

func pathMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	if recv.Kind != Path {
		return nil, false
	}
	p := func(s string) *Value { return in.derive(c.at, &Value{Kind: Path, S: s}, c.all(recv)...) }
	s, hasArg := "", len(c.pos) > 0 && (c.pos[0].Kind == Str || c.pos[0].Kind == Path)
	if hasArg {
		s = c.pos[0].S
	}
	switch name {
	case "resolve", "absolute":
		if path.IsAbs(recv.S) {
			if name == "absolute" {
				return p(recv.S), true
			}
			return p(path.Clean(recv.S)), true
		}
		return in.unknown(c.at, Path, "a path from the folder that the server starts in", recv), true
	case "joinpath", "__call__": // environ.Path objects are called
		return makePath(in, &call{at: c.at, pos: append([]*Value{recv}, c.pos...)}), true
	case "with_name":
		if hasArg {
			return p(tidy(parentOf(recv.S) + "/" + s)), true
		}
	case "with_suffix":
		if hasArg {
			base := path.Base(recv.S)
			if i := strings.LastIndexByte(base, '.'); i > 0 {
				base = base[:i]
			}
			return p(tidy(parentOf(recv.S) + "/" + base + s)), true
		}
	case "exists", "is_file", "is_dir":
		return in.exists(c, recv, map[string]string{"exists": "any", "is_file": "file", "is_dir": "dir"}[name]), true
	case "read_text":
		return in.content(c.at, recv, Str), true
	case "read_bytes":
		return in.content(c.at, recv, Bytes), true
	case "open":
		return in.object(c.at, &file{in.content(c.at, recv, Str)}), true
	case "as_posix", "__str__", "__fspath__":
		return in.str(c.at, recv.S, recv), true
	case "is_absolute":
		return in.bool(c.at, path.IsAbs(recv.S), recv), true
	case "relative_to":
		if hasArg && len(c.pos) == 1 && len(c.kw) == 0 {
			switch rest, ok := strings.CutPrefix(recv.S, strings.TrimSuffix(tidy(s), "/")+"/"); {
			case ok:
				return p(rest), true
			case recv.S == tidy(s):
				return p("."), true
			case tidy(s) != ".":
				return in.failed(c, "ValueError", recv.S+" isn't below "+s, Path, recv), true
			}
		}
	case "mkdir", "touch", "write_text", "unlink", "chmod":
		return in.none(c.at), true
	case "expanduser":
		if !strings.HasPrefix(recv.S, "~") {
			return recv, true
		}
	case "glob", "rglob", "iterdir":
		return in.derive(c.at, &Value{Kind: List, Open: true}, recv), true
	default:
		return nil, false
	}
	of := Path
	return in.unknown(c.at, of, "calls "+name, c.all(recv)...), true
}

// content is a file's content: of the project's own files what is there, of any
// other unknown.
func (in *interp) content(at Place, p *Value, of Kind) *Value {
	if p.Kind != Str && p.Kind != Path {
		return in.unknown(at, of, "", p)
	}
	name, ok := in.inside(p.S)
	if !ok || !path.IsAbs(p.S) {
		return in.unknown(at, of, "the content of "+p.S, p)
	}
	info, err := fs.Stat(in.fs, name)
	if err != nil {
		in.fault(at, "FileNotFoundError", "No such file: "+name, p)
		return in.unknown(at, of, "the content of "+name+", which isn't in the repository", p)
	}
	if !info.Mode().IsRegular() || info.Size() > maxSize {
		return in.unknown(at, of, "the content of "+name, p)
	}
	data, err := fs.ReadFile(in.fs, name)
	if err != nil || of == Str && !utf8.Valid(data) {
		return in.unknown(at, of, "the content of "+name, p)
	}
	v := in.str(at, string(data), p)
	if v.Kind == Str {
		v.Kind = of
	}
	return v
}

func open(in *interp, c *call) *Value {
	if len(c.pos) == 0 {
		return in.unknown(c.at, Unknown, "opens a file")
	}
	return in.lift(c.at, c.pos[0], func(p *Value) *Value {
		mode := c.arg(1, "mode")
		if mode != nil && strings.ContainsAny(mode.S, "wax") {
			return in.unknown(c.at, Unknown, "writes a file")
		}
		of := Str
		if mode != nil && strings.Contains(mode.S, "b") {
			of = Bytes
		}
		return in.object(c.at, &file{in.content(c.at, p, of)})
	})
}

func fileMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	f, ok := recv.Ref.(*file)
	if !ok {
		return nil, false
	}
	switch name {
	case "read":
		return f.content, true
	case "readline":
		if f.content.Kind == Str {
			line, rest, found := strings.Cut(f.content.S, "\n")
			if found {
				line += "\n"
			}
			f.content = in.str(c.at, rest, f.content)
			return in.str(c.at, line, f.content), true
		}
		return f.content, true
	case "readlines":
		if f.content.Kind == Str {
			var items []*Value
			for _, l := range strings.SplitAfter(f.content.S, "\n") {
				if l != "" {
					items = append(items, in.str(c.at, l, f.content))
				}
			}
			return in.list(c.at, items), true
		}
		return in.unknown(c.at, List, "", f.content), true
	case "close", "seek":
		return in.none(c.at), true
	}
	return nil, false
}
