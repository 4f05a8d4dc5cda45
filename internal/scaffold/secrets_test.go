package scaffold

import (
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
	for _, k := range []string{"", "-abc", "xDjango-Insecure-x", "xCHANGEMEx", "xchange_mex", "xchange-Mex", "achangexchangeme", "SeCrEt", "anExample"} {
		if acceptable(k) {
			t.Errorf("%q: accepted", k)
		}
	}
	for _, k := range []string{"abc", "exchange", "changexxme", "_abc", "change"} {
		if !acceptable(k) {
			t.Errorf("%q: refused", k)
		}
	}
}
