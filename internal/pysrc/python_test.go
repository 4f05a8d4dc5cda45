package pysrc

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// python finds an interpreter of 3.12 or newer, by trying them: PYTHON, pyenv's,
// then the names on the path. Without one the test fails where CI is set, and
// else skips.
func python(t testing.TB) string {
	t.Helper()
	var tried []string
	candidates := []string{os.Getenv("PYTHON")}
	if home, err := os.UserHomeDir(); err == nil {
		found, _ := filepath.Glob(filepath.Join(home, ".pyenv/versions/3.1[2-9]*/bin/python3"))
		slices.Reverse(found)
		candidates = append(candidates, found...)
	}
	candidates = append(candidates, "python3.14", "python3.13", "python3.12", "python3")
	for _, c := range candidates {
		if c == "" {
			continue
		}
		out, err := exec.Command(c, "-c", "import sys; print(sys.version_info >= (3, 12))").Output()
		if err == nil && strings.TrimSpace(string(out)) == "True" {
			return c
		}
		tried = append(tried, c)
	}
	missing(t, "no Python 3.12 or newer to compare with (tried %s); set PYTHON to one", strings.Join(tried, ", "))
	return ""
}

// missing ends a test that can't run: a failure where CI is set.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// judge is one Python process that answers each message it is sent.
type judge struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// evaluate reads a length and a Python expression; the answer is a length and
// the str it evaluates to, or -1 and no more when it is refused.
const evaluate = `
import ast, struct, sys, warnings
warnings.simplefilter("ignore")
read, out = sys.stdin.buffer.read, sys.stdout.buffer
while head := read(4):
    try:
        value = ast.literal_eval(read(struct.unpack("<i", head)[0]).decode())
        answer = value.encode() if type(value) is str else None
    except (SyntaxError, ValueError):
        answer = None
    out.write(struct.pack("<i", -1 if answer is None else len(answer)) + (answer or b""))
    out.flush()
`

// accept reads a length and a source; the answer is whether CPython parses it.
const accept = `
import ast, struct, sys, warnings
warnings.simplefilter("ignore")
read, out = sys.stdin.buffer.read, sys.stdout.buffer
while head := read(4):
    answer = b"1"
    try:
        ast.parse(read(struct.unpack("<i", head)[0]))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
        answer = str(e).encode(errors="replace")
    out.write(struct.pack("<i", len(answer)) + answer)
    out.flush()
`

func newJudge(t testing.TB, script string, args ...string) *judge {
	t.Helper()
	cmd := exec.Command(python(t), append([]string{"-X", "utf8", "-c", script}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", cmd.Path, err)
		}
	})
	return &judge{in, bufio.NewReaderSize(out, 1<<20)}
}

// ask sends one message and gives its answer; ok is false for a length of -1.
func (j *judge) ask(t testing.TB, msg string) (answer string, ok bool) {
	t.Helper()
	if _, err := j.in.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(msg))), msg...)); err != nil {
		t.Fatal(err)
	}
	var n int32
	if err := binary.Read(j.out, binary.LittleEndian, &n); err != nil {
		t.Fatal(err)
	}
	if n < 0 {
		return "", false
	}
	buf := make([]byte, n)
	if _, err := io.ReadFull(j.out, buf); err != nil {
		t.Fatal(err)
	}
	return string(buf), true
}

// ranges asks testdata/ranges.py about one file: nil when CPython refuses it.
// The text is what structure.py says.
func (j *judge) ranges(path string) ([]astRange, string, error) {
	if _, err := fmt.Fprintln(j.in, path); err != nil {
		return nil, "", err
	}
	buf, err := j.records(20)
	if err != nil || buf == nil {
		return nil, "", err
	}
	out := make([]astRange, len(buf)/20)
	if err := binary.Read(bytes.NewReader(buf), binary.LittleEndian, out); err != nil {
		return nil, "", err
	}
	text, err := j.records(1)
	return out, string(text), err
}

// records reads a line with a number and as many records; nil for -1.
func (j *judge) records(size int) ([]byte, error) {
	head, err := j.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(head))
	if err != nil || n < 0 {
		return nil, err
	}
	buf := make([]byte, n*size)
	_, err = io.ReadFull(j.out, buf)
	return buf, err
}
