package pyeval

import "strings"

func init() { registerAttributes(dataAttribute) }

// dataNames are the public attributes of the types of data, of every Python
// from 3.9 on.
var dataNames = map[Kind]string{
	Str: ` capitalize casefold center count encode endswith expandtabs find format format_map index isalnum isalpha isascii isdecimal isdigit
 isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip maketrans partition removeprefix removesuffix replace
 rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title translate upper zfill `,
	Bytes: ` capitalize center count decode endswith expandtabs find fromhex hex index isalnum isalpha isascii isdigit islower isspace istitle
 isupper join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines
 startswith strip swapcase title translate upper zfill `,
	List:  ` append clear copy count extend index insert pop remove reverse sort `,
	Tuple: ` count index `,
	Dict:  ` clear copy fromkeys get items keys pop popitem setdefault update values `,
	Set: ` add clear copy difference difference_update discard intersection intersection_update isdisjoint issubset issuperset pop remove
 symmetric_difference symmetric_difference_update union update `,
	Int:   ` as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag is_integer numerator real to_bytes `,
	Bool:  ` as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag is_integer numerator real to_bytes `,
	Float: ` as_integer_ratio conjugate from_number fromhex hex imag is_integer real `,
	None:  ` `,
}

// hasData says whether a value that is data has an attribute.
func hasData(v *Value, name string) Truth {
	names, ok := dataNames[v.Kind]
	if !ok || v.Ref != nil || strings.HasPrefix(name, "__") {
		return Maybe
	}
	for _, n := range strings.Fields(names) {
		if n == name {
			return Yes
		}
	}
	return No
}

func dataAttribute(in *interp, recv *Value, name string, at Place) (*Value, bool) {
	switch {
	case hasData(recv, name) == No:
		return in.failed(&call{at: at}, "AttributeError", "it has no attribute "+name, Unknown, recv), true
	case numeric(recv) && name == "real":
		return recv, true
	}
	return nil, false
}
