// Package plan compares wanted files with the disk, shows the difference and
// applies all of it or none. It knows nothing of Django. Only plan writes.
package plan

import "io/fs"

// Owner says what happens to a file that is already there.
type Owner uint8

const (
	Whole Owner = iota // djharden's; the last render is kept in .djharden/base for later merges
	Once               // the user's after the first write: kept as it is when it exists
	Patch              // an edit inside the user's file: Data was made from Was
)

// File is one wanted file.
type File struct {
	Path   string      // relative to the root, with slashes
	Owner  Owner       //
	Data   []byte      // wanted bytes; nil with Remove
	Perm   fs.FileMode // 0: keep the file's own, 0644 for a new one
	Reason string      // why, for people: "admin path from the environment"
	Was    []byte      // Patch and Remove: the bytes the decision was made from; a different disk is refused
	From   string      // the path it is moved from, for the diff (settings.py -> settings/base.py)
	Remove bool        // the file goes away (its content lives on in another file, or undo)
	Secret bool        // holds secrets: every value after "=" is masked in a diff, 0600 is enforced
	Mask   []string    // secret texts that a diff of this file must not show, removed lines included
}
