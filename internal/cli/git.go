package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// workTree reports whether dir, or a folder above it, is a git work tree. It
// needs no git.
func workTree(dir string) bool {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return false
		}
		dir = up
	}
}

// git runs git in dir, without taking its locks, for two seconds at most. ok
// is false where there is no git, or it couldn't say.
func git(ctx context.Context, dir string, args ...string) (out string, code int, ok bool) {
	bin, err := exec.LookPath("git")
	if err != nil {
		return "", 0, false
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	// A repository's own configuration can name a program to run for
	// core.fsmonitor; a folder that is only looked at must not run anything.
	cmd := exec.CommandContext(ctx, bin, append([]string{"-c", "core.fsmonitor=false", "-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	b, err := cmd.Output()
	if exit, is := err.(*exec.ExitError); is && exit.ExitCode() > 0 {
		return string(b), exit.ExitCode(), true
	}
	return string(b), 0, err == nil
}

// dirty lists up to a few changed or new files of the work tree under dir;
// nil: clean, no work tree, no git, or git is too slow to ask.
func dirty(ctx context.Context, dir string) []string {
	if !workTree(dir) {
		return nil
	}
	out, code, ok := git(ctx, dir, "status", "--porcelain", "--", ".")
	if !ok || code != 0 {
		return nil
	}
	var files []string
	for line := range strings.Lines(out) {
		if len(line) > 3 {
			files = append(files, strings.TrimSpace(line[3:]))
		}
	}
	return files
}

// tracked reports whether git has the file name of dir in its index, so that
// the next commit may take what is in it.
func tracked(ctx context.Context, dir, name string) bool {
	if !workTree(dir) {
		return false
	}
	out, code, ok := git(ctx, dir, "ls-files", "--", name)
	return ok && code == 0 && strings.TrimSpace(out) != ""
}

// ignored reports whether git, in the work tree around dir, would leave the
// file .env out, given the .gitignore that dir will have. Outside a work tree
// there is nothing to leave it out of.
func ignored(ctx context.Context, dir string, gitignore []byte) bool {
	if ignores(string(gitignore), ".env") || !workTree(dir) {
		return true
	}
	if ignores(string(gitignore), "!.env") {
		return false
	}
	_, code, ok := git(ctx, dir, "check-ignore", "-q", "--no-index", ".env")
	return ok && code == 0
}

// keptFromGit refuses to write .env in dir where git would pick it up, given
// the .gitignore that dir will have.
func keptFromGit(ctx context.Context, dir string, gitignore []byte) error {
	if tracked(ctx, dir, ".env") {
		return failed("git rm --cached .env, commit that, and run this again; what it held is in the history, so change it",
			errors.New(".env: git tracks this file, and new secrets would go into the next commit"))
	}
	if !ignored(ctx, dir, gitignore) {
		return failed("add a line .env to .gitignore, after any line that lets it in again",
			errors.New(".env: git doesn't ignore this file, and secrets would go into the next commit"))
	}
	return nil
}

// ignores reports whether the last pattern of a .gitignore that is about name,
// a file beside it, says what is asked: a name, or with "!" before it a name
// that is let in again.
func ignores(gitignore, name string) bool {
	want := true
	if strings.HasPrefix(name, "!") {
		want, name = false, name[1:]
	}
	found, state := false, false
	for line := range strings.Lines(gitignore) {
		pattern := strings.TrimRight(line, " \t\r\n")
		if pattern == "" || strings.HasPrefix(pattern, "#") {
			continue
		}
		pattern, negated := strings.CutPrefix(pattern, "!")
		pattern = strings.TrimPrefix(strings.TrimPrefix(pattern, "**"), "/")
		if match, err := path.Match(pattern, name); err == nil && match {
			found, state = true, !negated
		}
	}
	return found && state == want
}
