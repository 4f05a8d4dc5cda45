package plan

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"
)

// maxSize is the largest file that is read, in bytes.
const maxSize = 16 << 20

// checkPaths refuses names that could land outside the root, on a device, or
// on each other where the file system ignores case.
func checkPaths(files []File) error {
	exact := map[string]string{} // folded -> as written, of files and of folders
	isFile := map[string]bool{}
	for i := range files {
		name := files[i].Path
		if err := checkPath(name); err != nil {
			return err
		}
		if from := files[i].From; from != "" {
			if err := checkPath(from); err != nil {
				return err
			}
		}
		if isFile[name] {
			return &RefusedError{Path: name, Reason: "it is wanted twice", Hint: "this is a defect in djharden: please report it"}
		}
		isFile[name] = true
		for _, part := range append(parents(name), name) {
			fold := strings.ToLower(part)
			if first, ok := exact[fold]; ok && first != part {
				return &RefusedError{Path: part, Reason: fmt.Sprintf("it differs from %s in case alone", first), Hint: "choose a name that differs in more than case"}
			}
			exact[fold] = part
		}
	}
	for i := range files {
		for _, dir := range parents(files[i].Path) {
			if isFile[dir] {
				return &RefusedError{Path: dir, Reason: "it is wanted as a file and as a folder", Hint: "choose another name"}
			}
		}
	}
	return nil
}

func checkPath(name string) error {
	bad := func(why string) error {
		return &RefusedError{Path: fmt.Sprintf("%q", name), Reason: why, Hint: "choose another name"}
	}
	switch {
	case !fs.ValidPath(name) || name == ".":
		return bad("it isn't a path inside the project")
	case strings.ContainsAny(name, `\:*?"<>|`):
		return bad(`it holds one of \ : * ? " < > |`)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return bad("it holds a character that can't be printed")
	case !filepath.IsLocal(filepath.FromSlash(name)):
		return bad("it names a device or leaves the project")
	case strings.HasPrefix(strings.ToLower(name)+"/", baseDir), strings.HasPrefix(strings.ToLower(name)+"/", pendingDir):
		return bad("that folder is for djharden's own copies")
	case strings.EqualFold(strings.SplitN(name, "/", 2)[0], ".git"):
		return bad("that folder is git's")
	}
	for _, part := range strings.Split(name, "/") {
		if strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") {
			return bad("a name in it ends with a dot or a space")
		}
	}
	return nil
}

// looker reads files under a root, and refuses whatever isn't a regular file
// reached through real folders.
type looker struct {
	root *os.Root // nil: the root doesn't exist, so nothing does
	dirs map[string]dirState
}

type dirState struct {
	there bool
	err   error
}

// dir reports whether the folder name exists, or why it is no plain folder.
func (l *looker) dir(name string) (bool, error) {
	if name == "." {
		return l.root != nil, nil
	}
	if s, ok := l.dirs[name]; ok {
		return s.there, s.err
	}
	s := l.lookDir(name)
	if l.dirs == nil {
		l.dirs = map[string]dirState{}
	}
	l.dirs[name] = s
	return s.there, s.err
}

func (l *looker) lookDir(name string) dirState {
	if there, err := l.dir(path.Dir(name)); err != nil || !there {
		return dirState{false, err}
	}
	info, err := l.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return dirState{}
	case err != nil:
		return dirState{err: unreadable(name, err)}
	case !info.IsDir():
		return dirState{err: inTheWay(name, info.Mode(), "a folder")}
	}
	return dirState{there: true}
}

// stat returns nil for a file that doesn't exist.
func (l *looker) stat(name string) (fs.FileInfo, error) {
	if there, err := l.dir(path.Dir(name)); err != nil || !there {
		return nil, err
	}
	info, err := l.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, unreadable(name, err)
	case !info.Mode().IsRegular():
		return nil, inTheWay(name, info.Mode(), "a regular file")
	}
	return info, nil
}

// read returns nil for a file that doesn't exist.
func (l *looker) read(name string) (*node, error) {
	info, err := l.stat(name)
	if err != nil || info == nil {
		return nil, err
	}
	if info.Size() > maxSize {
		return nil, &RefusedError{Path: name, Reason: fmt.Sprintf("it is larger than %d MB", maxSize>>20), Hint: "move it away"}
	}
	f, err := l.root.OpenFile(name, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, unreadable(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, inTheWay(name, info.Mode(), "a regular file")
	}
	data := make([]byte, 0, info.Size()+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, unreadable(name, err)
		}
		if len(data) > maxSize {
			return nil, changedError(name)
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
	uid, gid := owner(info)
	return &node{Data: data, Mode: keepBits(info.Mode()), UID: uid, GID: gid, exact: true, info: info}, nil
}

func unreadable(name string, err error) *RefusedError {
	return &RefusedError{Path: name, Reason: "it can't be read: " + reason(err), Hint: "make it readable for the user who runs djharden"}
}

func inTheWay(name string, mode fs.FileMode, want string) *RefusedError {
	return &RefusedError{Path: name, Reason: fmt.Sprintf("it is %s, where %s is needed", kind(mode), want),
		Hint: fmt.Sprintf("put %s at %s, or move it away, then run it again", want, name)}
}

// kind names what a mode stands for.
func kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "a regular file"
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}
