package scaffold

import "errors"

// renderAdopt makes the files of an adopted project: the user's settings as
// base.py, the overlay beside it, and the edits in the user's other files.
func renderAdopt(in Input) (Result, error) {
	return Result{}, errors.New("adopting a project isn't there yet")
}
