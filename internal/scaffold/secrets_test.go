package scaffold

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestSecrets(t *testing.T) {
	seen := map[string]bool{}
	count := map[byte]int{}
	for range 2000 {
		s, err := NewSecrets()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []string{s.SecretKey, s.JWTKey} {
			if len(k) != 64 || strings.Trim(k, secretAlphabet) != "" || k[0] == '-' || !acceptable(k) || seen[k] {
				t.Fatalf("a bad key: %q", k)
			}
			seen[k] = true
			for i := range len(k) {
				count[k[i]]++
			}
		}
		p, err := CheckAdminPath(s.AdminPath)
		if err != nil || p != s.AdminPath || seen[p] || len(p) != len("staff-")+12+1 {
			t.Fatalf("a bad admin path: %q, %v", s.AdminPath, err)
		}
		seen[p] = true
	}
	// 4000 each on average; seven standard deviations to either side.
	for i := range len(secretAlphabet) {
		if n := count[secretAlphabet[i]]; n < 3560 || n > 4440 {
			t.Errorf("%q was drawn %d times of 256000", secretAlphabet[i], n)
		}
	}
	if 256%len(secretAlphabet) != 0 || 256%len(pathAlphabet) != 0 {
		t.Error("an alphabet that doesn't divide 256 is drawn unevenly")
	}
}

func TestAcceptable(t *testing.T) {
	for _, k := range []string{"", "-abc", "xDjango-Insecure-x", "xCHANGEMEx", "xchange_mex", "xchange-Mex", "achangexchangeme", "SeCrEt", "anExample",
		"changeit", "change_this", "your-Key", "xyourkey", "myPassword", "rePlace", "abcdefgh-abcdefgh"} {
		if acceptable(k) {
			t.Errorf("%q: accepted", k)
		}
	}
	for _, k := range []string{"abc", "exchange", "changexxme", "_abc", "change", "yourxxkey", "abcdefgh-abcdefg"} {
		if !acceptable(k) {
			t.Errorf("%q: refused", k)
		}
	}
}

// What the generated settings take for a placeholder is never generated.
func TestNoSecretIsAPlaceholder(t *testing.T) {
	literal := regexp.MustCompile(`r"([^"]*insecure[^"]*)"`)
	patterns := 0
	err := filepath.WalkDir("../../templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if m := literal.FindStringSubmatch(string(data)); m != nil {
			patterns++
			neverMeets(t, path, m[1])
		}
		return nil
	})
	if err != nil || patterns == 0 {
		t.Errorf("%d patterns of placeholders in the templates, %v", patterns, err)
	}
}

// neverMeets tries a pattern on texts that are likely to meet it.
func neverMeets(t *testing.T, path, expression string) {
	t.Helper()
	pattern := regexp.MustCompile("(?i)" + expression)
	r := rand.New(rand.NewPCG(7, 7))
	bits := []string{"change", "me", "this", "it", "insecure", "django-", "replace", "secret", "password", "example", "your", "key", "-", "_", "x", "Me", "KEY"}
	found := 0
	for range 50000 {
		var key strings.Builder
		for range 1 + r.IntN(5) {
			key.WriteString(bits[r.IntN(len(bits))])
		}
		if pattern.MatchString(key.String()) {
			if found++; acceptable(key.String()) {
				t.Fatalf("%s: %q could be generated and would be refused", path, key.String())
			}
		}
	}
	if found < 1000 {
		t.Errorf("%s: the pattern was met %d times only", path, found)
	}
}
