package scaffold

import (
	"crypto/rand"
	"strings"
	"unicode/utf8"
)

const (
	secretLength   = 64 // 384 bits
	secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	pathAlphabet   = "abcdefghijklmnopqrstuvwxyz234567"
)

// NewSecrets makes the secrets of a project with crypto/rand. The alphabet is
// the one that every reader of .env, every shell and Docker take as it is.
func NewSecrets() (Secrets, error) {
	key, err := newKey()
	if err != nil {
		return Secrets{}, err
	}
	jwt, err := newKey()
	if err != nil {
		return Secrets{}, err
	}
	path, err := draw(12, pathAlphabet)
	if err != nil {
		return Secrets{}, err
	}
	return Secrets{SecretKey: key, JWTKey: jwt, AdminPath: "staff-" + path + "/"}, nil
}

// newKey draws until the key is one that the generated env.py takes.
func newKey() (string, error) {
	for {
		key, err := draw(secretLength, secretAlphabet)
		if err != nil || acceptable(key) {
			return key, err
		}
	}
}

// acceptable reports whether a key can't be taken for an option of a command
// or, by chance, for a placeholder: what the generated env.py refuses.
func acceptable(key string) bool {
	return key != "" && key[0] != '-' && !repeats(key) && !placeholder(key)
}

// passes reports whether the generated env.py takes a key.
func passes(key string) bool {
	distinct := map[rune]bool{}
	for _, c := range key {
		distinct[c] = true
	}
	return utf8.RuneCountInString(key) >= 50 && len(distinct) >= 10 && !repeats(key) && !placeholder(key)
}

func repeats(key string) bool { return len(key) > 8 && strings.Contains(key[8:], key[:8]) }

func placeholder(key string) bool {
	low := strings.ToLower(key)
	for _, word := range []string{"insecure", "replace", "secret", "password", "example"} {
		if strings.Contains(low, word) {
			return true
		}
	}
	return near(low, "change", "me", "this", "it") || near(low, "your", "key")
}

// near reports whether first is followed by one of then, at once or after one
// character.
func near(s, first string, then ...string) bool {
	for i := range len(s) {
		rest, ok := strings.CutPrefix(s[i:], first)
		for _, word := range then {
			if ok && (strings.HasPrefix(rest, word) || rest != "" && strings.HasPrefix(rest[1:], word)) {
				return true
			}
		}
	}
	return false
}

// draw makes n characters of an alphabet whose length divides 256, so that
// each is as likely as any other.
func draw(n int, alphabet string) (string, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b), nil
}
