package scaffold

import (
	"crypto/rand"
	"strings"
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
// or, by chance, for a placeholder.
func acceptable(key string) bool {
	if key == "" || key[0] == '-' {
		return false
	}
	low := strings.ToLower(key)
	for _, word := range []string{"django-insecure", "secret", "example"} {
		if strings.Contains(low, word) {
			return false
		}
	}
	// change.?me, as env.py has it.
	for i := range len(low) {
		rest, ok := strings.CutPrefix(low[i:], "change")
		if ok && (strings.HasPrefix(rest, "me") || len(rest) > 2 && rest[1:3] == "me") {
			return false
		}
	}
	return true
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
