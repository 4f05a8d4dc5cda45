package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// errMissing says that a program isn't on this machine.
var errMissing = errors.New("make services installs it where it can")

// place is the folder of the services' data, open to whoever runs them.
var place = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "djharden-e2e-")
	if err != nil {
		return "", err
	}
	onEnd(func() { os.RemoveAll(dir) })
	return dir, os.Chmod(dir, 0o755)
})

// ours and stranger are the authority that the clients believe, and another.
var ours = sync.OnceValues(func() (authority, error) { return authorityHere("ours") })
var stranger = sync.OnceValues(func() (authority, error) { return authorityHere("stranger") })

func authorityHere(name string) (authority, error) {
	dir, err := place()
	if err != nil {
		return authority{}, err
	}
	return newAuthority(dir, name)
}

// server is a running PostgreSQL or Redis.
type server struct {
	process *process
	port    int
	tls     int // Redis only: its port with TLS
	socket  string
	client  string // psql
	made    atomic.Int64
}

const (
	dbPassword    = "s3cret-Pw_for-tests" // of the users boss (all powers) and app
	redisPassword = "redis-Pw_for-tests"
)

var postgresOnce = sync.OnceValues(startPostgres)

// postgres is a server that takes TLS alone over TCP, except from the user
// plain, and answers to the name localhost.
func postgres(t *testing.T) *server {
	t.Helper()
	return running(t, postgresOnce)
}

var redisOnce = sync.OnceValues(startRedis)

// redis takes a password, on a port and on a socket.
func redis(t *testing.T) *server {
	t.Helper()
	return running(t, redisOnce)
}

func running(t *testing.T, once func() (*server, error)) *server {
	t.Helper()
	if runtime.GOOS != "linux" && os.Getuid() <= 0 {
		missing(t, "the services of the tests run as root on Linux only")
	}
	s, err := once()
	if errors.Is(err, errMissing) {
		missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func startPostgres() (*server, error) {
	initdb, postgres, psql := program("initdb"), program("postgres"), program("psql")
	if initdb == "" || postgres == "" || psql == "" {
		return nil, fmt.Errorf("no PostgreSQL server here: %w", errMissing)
	}
	dir, err := folder("pg")
	if err != nil {
		return nil, err
	}
	ca, err := ours()
	if err != nil {
		return nil, err
	}
	cert, key, err := ca.issue(dir, "server", "localhost")
	if err != nil {
		return nil, err
	}
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(dbPassword), 0o644); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	cmd := exec.Command(initdb, "-D", data, "-U", "boss", "--pwfile="+password, "-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "-N")
	cmd.Dir, cmd.SysProcAttr = dir, attributes(true, syscall.SIGTERM)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	hba := "local all all scram-sha-256\nhostssl all boss,app 127.0.0.1/32 scram-sha-256\nhost all plain 127.0.0.1/32 scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(hba), 0o644); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &server{port: port, socket: dir, client: psql}
	args := []string{"-D", data, "-h", "127.0.0.1", "-p", fmt.Sprint(port), "-k", dir}
	for _, c := range []string{"fsync=off", "synchronous_commit=off", "full_page_writes=off", "ssl=on", "ssl_cert_file=" + cert, "ssl_key_file=" + key, "max_connections=200"} {
		args = append(args, "-c", c)
	}
	s.process, err = start(service{path: postgres, args: args, dir: dir, dropped: true, stop: syscall.SIGINT})
	if err != nil {
		return nil, err
	}
	onEnd(s.process.end)
	return s, s.process.ready(func() error {
		return s.sql("postgres", fmt.Sprintf("CREATE ROLE app LOGIN PASSWORD '%s'; CREATE ROLE plain LOGIN PASSWORD '%[1]s' IN ROLE app", dbPassword))
	})
}

// sql runs statements as the user with all powers.
func (s *server) sql(database string, statements ...string) error {
	args := []string{"-h", s.socket, "-p", fmt.Sprint(s.port), "-U", "boss", "-d", database, "-qX", "-v", "ON_ERROR_STOP=1"}
	for _, statement := range statements {
		args = append(args, "-c", statement)
	}
	cmd := exec.Command(s.client, args...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+dbPassword)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w\n%s", err, out)
	}
	return nil
}

// database makes an empty one and returns its name. It goes away with the test.
func (s *server) database(t *testing.T, owner string) string {
	t.Helper()
	name := fmt.Sprintf("cell_%d", s.made.Add(1))
	if err := s.sql("postgres", fmt.Sprintf("CREATE DATABASE %s OWNER %s", name, owner)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.sql("postgres", fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			t.Error(err)
		}
	})
	return name
}

// url is what a person answers djharden with.
func (s *server) url(user, host, database, query string) string {
	return fmt.Sprintf("postgres://%s:%s@%s:%d/%s%s", user, dbPassword, host, s.port, database, query)
}

func startRedis() (*server, error) {
	path := program("redis-server")
	if path == "" {
		return nil, fmt.Errorf("no redis-server here: %w", errMissing)
	}
	dir, err := folder("redis")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	tls, err := freePort()
	if err != nil {
		return nil, err
	}
	ca, err := ours()
	if err != nil {
		return nil, err
	}
	cert, key, err := ca.issue(dir, "server", "localhost")
	if err != nil {
		return nil, err
	}
	s := &server{port: port, tls: tls, socket: filepath.Join(dir, "redis.sock")}
	conf := strings.Join([]string{
		"bind 127.0.0.1", fmt.Sprintf("port %d", port), "unixsocket " + s.socket, "unixsocketperm 777", "requirepass " + redisPassword,
		fmt.Sprintf("tls-port %d", tls), "tls-cert-file " + cert, "tls-key-file " + key, "tls-ca-cert-file " + ca.file, "tls-auth-clients no", "databases 256", `save ""`, "appendonly no", "dir " + dir,
	}, "\n")
	file := filepath.Join(dir, "redis.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		return nil, err
	}
	s.process, err = start(service{path: path, args: []string{file}, dir: dir, dropped: true})
	if err != nil {
		return nil, err
	}
	onEnd(s.process.end)
	return s, s.process.ready(listens("unix", s.socket))
}

// redisURL names one of the server's databases, which nobody else gets.
func (s *server) redisURL(how string) string {
	n := s.made.Add(1) % 256
	switch how {
	case "unix":
		return fmt.Sprintf("unix://:%s@%s?db=%d", redisPassword, s.socket, n)
	case "rediss":
		ca, _ := ours()
		return fmt.Sprintf("rediss://:%s@localhost:%d/%d?ssl_ca_certs=%s", redisPassword, s.tls, n, ca.file)
	}
	return fmt.Sprintf("redis://:%s@127.0.0.1:%d/%d", redisPassword, s.port, n)
}

// folder makes one below place for a service.
func folder(name string) (string, error) {
	dir, err := place()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	return dir, giveAway(dir)
}
