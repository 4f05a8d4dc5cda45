# djharden. `make test` proves everything, `make demo` shows it.

BIN := bin/djharden
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 1m
export CGO_ENABLED = 0

.PHONY: help build demo test quick lint cross services venvs fuzz bench oracle pins examples clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## bin/djharden, static, for this machine
	go build -trimpath -ldflags '-s -w -X github.com/djharden/djharden/internal/cli.version=$(VERSION)' -o $(BIN) ./cmd/djharden

demo: build ## make the lms example, install, migrate, check --deploy, and ask it a few things
	@examples/demo.sh $(BIN)

test: services venvs lint cross ## everything, on real Django; installs what it needs
	go test -timeout 20m $$(go list ./... | grep -v /internal/e2e)
	go test -timeout 45m ./internal/e2e

quick: ## the tests that need no Python environment of their own
	go test -short ./...

lint: ## gofmt, go vet, staticcheck
	@out=$$(gofmt -l cmd internal templates); [ -z "$$out" ] || { echo "gofmt -w these:"; echo "$$out"; exit 1; }
	go vet ./...
	go tool staticcheck ./...

cross: ## build and vet for every platform, without cgo
	@for p in $(PLATFORMS); do \
	  echo "build and vet $$p"; \
	  GOOS=$${p%/*} GOARCH=$${p#*/} go build -o /dev/null ./cmd/djharden && \
	  GOOS=$${p%/*} GOARCH=$${p#*/} go vet ./cmd/... ./internal/... ./templates/... || exit 1; \
	done

services: ## PostgreSQL, Redis, nginx, Chromium, zsh and fish for the tests, where apt can install them
	@internal/e2e/services.sh

venvs: ## the Python environments of the tests, in .cache/venvs
	@internal/e2e/venvs.sh

fuzz: ## every fuzz target for FUZZTIME each
	@go list ./... | while read -r pkg; do \
	  for f in $$(go test -list '^Fuzz' "$$pkg" | grep '^Fuzz'); do \
	    echo "$$pkg $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x "$$pkg" || exit 1; \
	  done; \
	done

bench: build ## djharden init beside an empty program that writes the same files, and sync
	go test -run '^$$' -bench . -benchtime 20x -count 1 ./cmd/djharden
	go test -run '^$$' -bench . ./internal/...

oracle: ## the settings reader against Django: on what init makes, or on the projects below DIR
	ORACLE_DIR='$(if $(DIR),$(abspath $(DIR)))' go test -count 1 -timeout 40m -v -run '^TestOracle' ./internal/e2e

pins: venvs ## install and check every set of pinned packages
	DJHARDEN_PINS=1 go test -count 1 -timeout 30m -run '^TestPins' ./internal/django

examples: ## regenerate examples/, docs/rules.md and the generated parts of README.md
	go test -run '^TestExamples' ./internal/scaffold -update
	go test -run '^TestRulesPage' ./internal/audit -update
	go test -run '^TestReadme' ./internal/cli -update

clean: ## remove what make made (not the package caches)
	rm -rf bin .cache
