package pyeval

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/djharden/djharden/internal/pysrc"
)

func jsonLoads(in *interp, c *call) *Value {
	v := c.pos[0]
	if v.Kind != Str && v.Kind != Bytes || strings.Contains(strings.ToLower(v.S), `\ud`) { // lone surrogates
		return in.unknown(c.at, Unknown, "", v)
	}
	d := json.NewDecoder(strings.NewReader(v.S))
	d.UseNumber()
	out, err := in.jsonValue(d, c.at, v, 0)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return out
		}
	}
	if strings.Contains(v.S, "NaN") || strings.Contains(v.S, "Infinity") { // Python reads them
		return in.unknown(c.at, Unknown, "numbers that aren't JSON", v)
	}
	return in.failed(c, "JSONDecodeError", "text that isn't JSON", Unknown)
}

// jsonValue keeps the order of keys, as Python does.
func (in *interp) jsonValue(d *json.Decoder, at Place, from *Value, depth int) (*Value, error) {
	in.step(1)
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch x := t.(type) {
	case nil:
		return in.none(at), nil
	case bool:
		return in.bool(at, x, from), nil
	case string:
		return in.str(at, x, from), nil
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return in.int(at, n, from), nil
		}
		f, err := x.Float64()
		return in.float(at, f, from), err
	case json.Delim:
		out := in.derive(at, &Value{Kind: List}, from)
		if x == '{' {
			out.Kind = Dict
		}
		for d.More() {
			v, err := in.jsonValue(d, at, from, depth+1)
			if err != nil {
				return nil, err
			}
			if x == '{' {
				item, err := in.jsonValue(d, at, from, depth+1)
				if err != nil {
					return nil, err
				}
				out.put(v, item)
				continue
			}
			out.Items = append(out.Items, v)
		}
		_, err := d.Token()
		return out, err
	}
	return in.none(at), nil
}

// jsonDumps is json.dumps without options.
func jsonDumps(in *interp, c *call) *Value {
	if len(c.kw) > 0 || len(c.pos) != 1 {
		return in.unknown(c.at, Str, "json.dumps with options", c.all()...)
	}
	var b strings.Builder
	if !jsonText(&b, c.pos[0], 0) || b.Len() > maxSize {
		return in.refused(c.at, cant, c.pos[0])
	}
	return in.str(c.at, b.String(), c.pos[0])
}

// jsonText writes what json.dumps makes of v; false: it can't be told.
func jsonText(b *strings.Builder, v *Value, depth int) bool {
	if depth > 30 || v.Open || b.Len() > maxSize {
		return false
	}
	switch v.Kind {
	case None:
		b.WriteString("null")
	case Bool:
		b.WriteString(strconv.FormatBool(v.B))
	case Int:
		b.WriteString(strconv.FormatInt(v.N, 10))
	case Float:
		b.WriteString(floatText(v.F))
		return !math.IsInf(v.F, 0) && !math.IsNaN(v.F)
	case Str:
		b.WriteString(jsonString(v.S))
	case List, Tuple, Dict:
		ends := "[]"
		if v.Kind == Dict {
			ends = "{}"
		}
		b.WriteByte(ends[0])
		for i, x := range v.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			if v.Kind == Dict {
				if v.Keys[i].Kind != Str {
					return false
				}
				b.WriteString(jsonString(v.Keys[i].S) + ": ")
			}
			if !jsonText(b, x, depth+1) {
				return false
			}
		}
		b.WriteByte(ends[1])
	default:
		return false
	}
	return true
}

// jsonString is a string as JSON in ASCII.
func jsonString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		i := strings.IndexRune("\"\\\n\r\t\b\f", r)
		switch {
		case i >= 0:
			b.WriteString(`\` + `"\nrtbf`[i:i+1])
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String() + `"`
}

func jsonLoad(in *interp, c *call) *Value {
	if len(c.pos) > 0 {
		if f, ok := c.pos[0].Ref.(*file); ok {
			return natives["json.loads"](in, &call{at: c.at, pos: []*Value{f.content}})
		}
	}
	return in.unknown(c.at, Unknown, "the content of a file", c.all()...)
}

func literalEval(in *interp, c *call) *Value {
	v := c.pos[0]
	if v.Kind != Str {
		return in.unknown(c.at, Unknown, "", v)
	}
	out, class := in.literalText(c.at, strings.TrimLeft(v.S, " \t"), v)
	switch {
	case out != nil:
		return out
	case class != "":
		return in.failed(c, class, "malformed node or string", Unknown)
	}
	return in.unknown(c.at, Unknown, "text that may be no literal", v)
}

// literalText is ast.literal_eval; nil: it raises the class, or, where that is
// "", it can't be told.
func (in *interp) literalText(at Place, s string, from *Value) (v *Value, class string) {
	m, err := pysrc.Parse([]byte(s))
	if err != nil || len(m.Stmts) != 1 || m.Stmts[0].Kind != pysrc.SExpr {
		return nil, "SyntaxError"
	}
	in.step(len(s) / 16)
	n := m.Stmts[0].Value
	if _, ok := m.Literal(n); !ok {
		pysrc.WalkNode(n, func(k *pysrc.Node) {
			switch k.Kind {
			case pysrc.Name:
				if k.Name != "None" && k.Name != "True" && k.Name != "False" && k.Name != "set" {
					class = "ValueError"
				}
			case pysrc.Attr, pysrc.Comp, pysrc.Lambda, pysrc.IfExp, pysrc.FStr, pysrc.Sub:
				class = "ValueError"
			}
		})
		return nil, class
	}
	src := &Source{Path: at.Path(), Mod: m}
	out := in.eval(n, &scope{ns: in.namespace(), src: src, mod: &Module{ns: in.namespace()}})
	return in.placed(out, at, from), ""
}

// placed moves a value that was made from a text to the place of that text.
func (in *interp) placed(v *Value, at Place, from *Value) *Value {
	in.derive(at, v, from)
	for _, x := range v.Items {
		in.placed(x, at, from)
	}
	for _, x := range v.Keys {
		in.placed(x, at, from)
	}
	return v
}

func b64decode(in *interp, c *call) *Value {
	v := c.pos[0]
	if v.Kind != Str && v.Kind != Bytes || len(c.pos) > 1 || len(c.kw) > 0 {
		return in.unknown(c.at, Bytes, "", c.all()...)
	}
	s := strings.Map(func(r rune) rune { // what isn't in the alphabet is passed over
		if l := r | 0x20; l >= 'a' && l <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("+/=", r) {
			return r
		}
		return -1
	}, v.S)
	b, err := base64.StdEncoding.DecodeString(s)
	switch {
	case err == nil:
		return in.derive(c.at, &Value{Kind: Bytes, S: string(b)}, v)
	case !strings.Contains(s, "="):
		return in.failed(c, "binascii.Error", "incorrect padding", Bytes)
	}
	return in.unknown(c.at, Bytes, "text that may be no base64", v)
}

func b64encode(in *interp, c *call) *Value {
	if v := c.pos[0]; v.Kind == Bytes && len(c.pos) == 1 {
		return in.derive(c.at, &Value{Kind: Bytes, S: base64.StdEncoding.EncodeToString([]byte(v.S))}, v)
	}
	return in.unknown(c.at, Bytes, "", c.pos...)
}

func (in *interp) copied(c *call, depth int) *Value {
	if len(c.pos) == 0 {
		return in.unknown(c.at, Unknown, "")
	}
	return in.copyOf(c.pos[0], depth)
}

func (in *interp) copyOf(v *Value, depth int) *Value {
	switch v.Kind {
	case List, Tuple, Set, Dict:
	default:
		return v
	}
	in.step(1 + len(v.Items)/8)
	c := *v
	c.Items, c.Keys, c.index, c.changes, c.seq = slices.Clone(v.Items), slices.Clone(v.Keys), nil, nil, in.next()
	if depth > 0 {
		for i, x := range c.Items {
			c.Items[i] = in.copyOf(x, depth-1)
		}
	}
	return &c
}
