package pyeval

// proxyMethod is a method of what globals(), locals() and vars() give.
func (in *interp) proxyMethod(p *nsProxy, name string, c *call) *Value {
	at := c.at
	switch name {
	case "update":
		for _, a := range c.pos {
			if a.Kind != Dict || a.Open {
				in.opened(p.ns, at, "sets names that can't be worked out")
			}
			for i, k := range a.Keys {
				in.storeName(p.ns, k, a.Items[i], in.now)
			}
		}
		for _, k := range c.kw {
			in.assign(p.ns, k.name, k.v, in.now, "globals()")
		}
		return in.none(at)
	case "get", "setdefault", "pop":
		if len(c.pos) == 0 || c.pos[0].Kind != Str {
			return in.unknown(at, Unknown, "a name that can't be told", c.pos...)
		}
		key := c.pos[0].S
		if b := p.ns.vars[key]; b != nil {
			if name == "pop" {
				in.bind(p.ns, key, nil)
			}
			return b.v
		}
		def := in.none(at)
		if len(c.pos) > 1 {
			def = c.pos[1]
		}
		if name == "setdefault" {
			in.assign(p.ns, key, def, in.now, "globals()")
		}
		if p.ns.open != nil {
			return in.unknown(at, Unknown, p.ns.open.Why)
		}
		return def
	case "keys", "items", "values", "copy":
		d := in.derive(at, &Value{Kind: Dict, Open: p.ns.open != nil})
		for _, n := range p.ns.order {
			if b := p.ns.vars[n]; b != nil {
				d.put(in.str(at, n), b.v)
			}
		}
		if name == "copy" {
			return d
		}
		return in.methodOf(d, name, c, nil)
	case "__setitem__":
		if len(c.pos) == 2 {
			in.storeName(p.ns, c.pos[0], c.pos[1], in.now)
		}
		return in.none(at)
	}
	return in.unknown(at, Unknown, "calls "+name, c.all()...)
}
