package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const (
	validators     = "AUTH_PASSWORD_VALIDATORS"
	validation     = "django.contrib.auth.password_validation."
	hashers        = "PASSWORD_HASHERS"
	leastPassword  = 12
	validationDocs = "https://docs.djangoproject.com/en/stable/topics/auth/passwords/"
)

var passwordRules = []*Rule{
	{
		ID: "DH461", Name: "password-validators", Severity: Medium, Item: 14,
		Title: "passwords aren't checked when they are set",
		Why:   "Django checks a new password only with the validators that are listed, and by default none are: 1 is a password then. The four of startproject ask for length and refuse common, numeric and name-like ones.",
		Fix:   `AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}}, ...]`,
		CWE:   []int{521},
		ASVS:  []string{"6.2.1", "6.2.4"},
		Refs:  []string{validationDocs + "#enabling-password-validation"},
		Bad:   `AUTH_PASSWORD_VALIDATORS = []`,
		Good: `AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation." + name, "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 14},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]`,
		check: checkValidators,
	},
	{
		ID: "DH462", Name: "password-length", Severity: Medium, Item: 14,
		Title: "passwords may be shorter than 12 characters",
		Why:   "Django's own minimum is 8, which a stolen hash gives up in days. Length is what makes a password hard to guess.",
		Fix:   `{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}}`,
		CWE:   []int{521},
		ASVS:  []string{"6.2.1"},
		Refs:  []string{validationDocs + "#included-validators"},
		Bad: `AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]`,
		Good: `AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}`,
		check: checkPasswordLength,
	},
	{
		ID: "DH463", Name: "password-validator-options", Severity: Medium, Item: 14,
		Title: "an option of a password validator is in the wrong place",
		Why:   "A validator gets what is below OPTIONS. Beside NAME a min_length does nothing, and the validator's own default of 8 stays.",
		Fix:   `{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}}`,
		CWE:   []int{521},
		ASVS:  []string{"6.2.1"},
		Refs:  []string{validationDocs + "#enabling-password-validation"},
		Bad: `AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "min_length": 12},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]`,
		Good: `AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]`,
		check: checkValidatorOptions,
	},
	{
		ID: "DH464", Name: "password-hasher", Severity: High,
		Title: "passwords are stored with a hash that is quickly tried out",
		Why:   "The first of PASSWORD_HASHERS hashes every new password. MD5 and SHA-1 were made to be fast: a stolen table is read back in hours.",
		Fix:   `PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]`,
		CWE:   []int{916, 328},
		ASVS:  []string{"11.4.2"},
		Refs:  []string{validationDocs + "#how-django-stores-passwords"},
		Bad:   `PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]`,
		Good:  `PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", "django.contrib.auth.hashers.MD5PasswordHasher"]  # the second reads old hashes`,
		check: checkHasher,
	},
	{
		ID: "DH465", Name: "inactive-users-sign-in", Severity: Medium,
		Title: "users that were deactivated can sign in",
		Why:   "AllowAllUsersModelBackend doesn't look at is_active: switching an account off in the admin doesn't stop it.",
		Fix:   `AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]`,
		CWE:   []int{287},
		ASVS:  []string{"7.4.2"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/contrib/auth/#django.contrib.auth.backends.AllowAllUsersModelBackend"},
		Bad:   `AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.AllowAllUsersModelBackend"]`,
		Good:  `AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]`,
		check: checkAllowAll,
	},
}

// validator is one entry of AUTH_PASSWORD_VALIDATORS.
type validator struct {
	name  string
	value *pyeval.Value // the dict
}

// validators are the entries that can be seen; whole says that there are no
// others.
func validatorsOf(v *pyeval.Value) (list []validator, whole bool) {
	if !v.IsList() {
		return nil, false
	}
	whole = !v.Open
	for _, x := range v.Items {
		if name, ok := dotted(x.Get("NAME")); ok {
			list = append(list, validator{name, x})
		} else {
			whole = false
		}
	}
	return list, whole
}

func (r *report) needsUsers(p *Project) bool {
	return r.needs(p, p.has("django.contrib.auth"), "INSTALLED_APPS", "users")
}

func checkValidators(p *Project, r *report) {
	if !r.needsUsers(p) {
		return
	}
	v, own := p.get(validators)
	if !own {
		r.fail(p, validators, v, "AUTH_PASSWORD_VALIDATORS is unset, and Django checks nothing by itself")
		return
	}
	r.weigh(p, validators, v, func(v *pyeval.Value) verdict {
		list, whole := validatorsOf(v)
		switch {
		case len(list) == 0 && whole:
			return wrong("AUTH_PASSWORD_VALIDATORS is empty: every password is taken")
		case !whole:
			return p.opaque(v)
		}
		var missing []string
		for _, short := range []string{"UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator"} {
			if !slices.ContainsFunc(list, func(x validator) bool { return strings.HasSuffix(x.name, "."+short) }) {
				missing = append(missing, short)
			}
		}
		foreign := slices.ContainsFunc(list, func(x validator) bool { return !strings.HasPrefix(x.name, validation) })
		switch {
		case len(missing) == 0 || foreign && len(missing) < 4: // another package's may do the work of a missing one
			return right
		case foreign:
			return cantTell("the validators aren't Django's own")
		case slices.Equal(missing, []string{"MinimumLengthValidator"}):
			return right // password-length judges that
		}
		return wrong("AUTH_PASSWORD_VALIDATORS lacks %s", strings.Join(missing, ", "))
	})
}

func checkPasswordLength(p *Project, r *report) {
	if !r.needsUsers(p) {
		return
	}
	v, own := p.get(validators)
	if !own || v.Truth() == pyeval.No {
		return // password-validators judges that
	}
	r.weigh(p, validators, v, func(v *pyeval.Value) verdict {
		list, whole := validatorsOf(v)
		for _, x := range list {
			if x.name == validation+"MinimumLengthValidator" {
				return p.minLength(x)
			}
		}
		foreign := slices.ContainsFunc(list, func(x validator) bool { return !strings.HasPrefix(x.name, validation) })
		switch {
		case !whole:
			return p.opaque(v)
		case foreign:
			return cantTell("there is no MinimumLengthValidator, and what the other validators ask for can't be told")
		}
		return wrong("there is no MinimumLengthValidator")
	})
}

func (p *Project) minLength(x validator) verdict {
	if x.value.Get("min_length") != nil {
		return right // password-validator-options judges that
	}
	options, _ := lookup(x.value, "OPTIONS", pythonValue(dict{}))
	n, own := lookup(options, "min_length", pythonValue(8))
	d := over(n, func(n *pyeval.Value) verdict {
		f, ok := number(n)
		switch {
		case ok && f < leastPassword && own == pyeval.No:
			return wrong("passwords of 8 characters are taken: MinimumLengthValidator has no min_length")
		case ok && f < leastPassword:
			return wrong("passwords of %g characters are taken", f)
		case ok:
			return right
		}
		return p.opaque(n)
	})
	if d.wrong == pyeval.Yes {
		d.at = x.value.At
		if own == pyeval.Yes {
			d.at = n.At
		}
	}
	return d
}

func checkValidatorOptions(p *Project, r *report) {
	if !r.needsUsers(p) {
		return
	}
	v, own := p.get(validators)
	if !own {
		return
	}
	for _, c := range v.Cases() {
		list, _ := validatorsOf(c)
		for _, x := range list {
			for i, k := range x.value.Keys {
				if k.Kind == pyeval.Str && k.S != "NAME" && k.S != "OPTIONS" {
					r.fail(p, validators, x.value.Items[i], k.S+" of "+lastName(x.name)+" does nothing beside NAME: it belongs below OPTIONS").at(k.At)
				}
			}
		}
	}
}

// weakHashers are Django's hashers that take no work to speak of, some of them
// removed since.
var weakHashers = []string{"MD5PasswordHasher", "SHA1PasswordHasher", "UnsaltedMD5PasswordHasher", "UnsaltedSHA1PasswordHasher", "CryptPasswordHasher"}

func checkHasher(p *Project, r *report) {
	if !r.needsUsers(p) {
		return
	}
	v, own := p.get(hashers)
	if !own {
		return
	}
	r.weigh(p, hashers, v, func(v *pyeval.Value) verdict {
		if !v.IsList() || len(v.Items) == 0 {
			return p.opaque(v)
		}
		name, ok := dotted(v.Items[0])
		_, others := p.lineage(name)
		switch {
		case !ok:
			return p.opaque(v.Items[0])
		case slices.ContainsFunc(others, func(s string) bool { return slices.Contains(weakHashers, lastName(s)) }):
			return wrong("new passwords are stored by %s", lastName(name))
		}
		return right
	})
}

func checkAllowAll(p *Project, r *report) {
	if !r.needsUsers(p) {
		return
	}
	v, own := p.get(backends)
	if !own {
		return
	}
	r.weigh(p, backends, v, func(v *pyeval.Value) verdict {
		list, whole := paths(v)
		for _, name := range list {
			if _, others := p.lineage(name); slices.ContainsFunc(others, func(s string) bool {
				return strings.HasPrefix(s, "django.contrib.auth.backends.AllowAllUsers")
			}) {
				return wrong("%s lets users in that were deactivated", lastName(name))
			}
		}
		if !whole {
			return p.opaque(v)
		}
		return right
	})
}
