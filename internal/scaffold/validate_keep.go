package scaffold

import (
	"io/fs"
	"strings"
	"time"
)

// checkKeep takes the path of a file in the project.
func checkKeep(s string) (string, error) {
	s = strings.TrimPrefix(s, "./")
	if !fs.ValidPath(s) || s == "." || strings.ContainsAny(s, `\*?[`) {
		return "", bad(`write each file's path from the project's folder, with slashes: "config/urls.py"`, "is not the path of a file in the project")
	}
	return s, nil
}

// checkPackage takes the name that a new project's package has now.
func checkPackage(s string) (string, error) {
	if s == defaultPackage {
		return "", nil
	}
	if !isIdentifier(s) || isKeyword(s) {
		return "", bad("", "is not the name of a folder beside manage.py that Python can import")
	}
	return s, nil
}

// dateForm is how djharden.toml writes a day.
const dateForm = "2006-01-02"

func checkDate(s string) (string, error) {
	if _, err := time.Parse(dateForm, s); err != nil {
		return "", bad("write it as 2026-11-25", "is not a day")
	}
	return s, nil
}
