package scaffold

import (
	"errors"
	"fmt"
	"path"

	"github.com/djharden/djharden/internal/pysrc"
)

// Valid says what is wrong with a file that was merged: Python that can't be
// read.
func Valid(name string, data []byte) error {
	if path.Ext(name) != ".py" {
		return nil
	}
	_, err := pysrc.Parse(data)
	var bad *pysrc.Error
	if errors.As(err, &bad) {
		return fmt.Errorf("line %d: %s", bad.Line, bad.Msg)
	}
	return err
}
