# Every target that a person types. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help deps deps-clients build up down demo test test-unit test-api test-integration test-image soak bench fuzz lint generate verify presubmit

# Tests that start clusters are in integration/; each other package has its own.
GO_TEST := go test -timeout=30m
TOOL    := go tool -modfile=tools/go.mod

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## what building and testing need besides Go: by apt where root, else named
	@cd tools && go run ./deps awscli ca-certificates

deps-clients: deps ## what the tests with other languages' SDKs need
	@cd tools && go run ./deps python3-boto3 nodejs npm

build: ## bin/gantry and the programs of the embedded cluster (minutes when cold)
	cd embedded && go run ./cmd/build -o ../bin
	CGO_ENABLED=0 go build -ldflags='-s -w' -o bin/gantry ./cmd/gantry

up: build ## a Kubernetes cluster on this machine, with Gantry in front of it
	bin/gantry up --detach

down: ## stop it; nothing stays but its state (`bin/gantry down --delete` removes that)
	bin/gantry down

demo: ## the main job with the AWS CLI, from nothing; leaves Gantry running
	@echo 'compiling the demo'
	@go run ./demo

test: deps deps-clients build test-unit test-api test-image test-integration ## everything below, builds included

test-unit: build ## each package alone, and local control planes
	$(GO_TEST) -race -shuffle=on $$(go list ./... | grep -v /integration)

test-api: build ## handlers and controllers against real API servers, with simulated nodes
	$(GO_TEST) -race -shuffle=on ./integration/api/...

test-image: build ## the container image, in a Docker daemon of its own
	$(GO_TEST) -count=1 ./integration/image

test-integration: deps-clients build ## a real node, real containers, the AWS CLI; the conformance suite
	$(GO_TEST) -count=1 -shuffle=on ./integration

soak: deps-clients build ## the same with hundreds of rounds, and long fuzzing
	GANTRY_SOAK=1 go test -timeout=6h -count=1 -shuffle=on -v ./integration
	$(MAKE) fuzz FUZZTIME=10m

# `go test -fuzz` takes one target of one package at a time.
FUZZTIME := 30s
fuzz: ## each fuzz target for FUZZTIME
	@for target in $$(grep -rho --include='*_test.go' '^func Fuzz[A-Za-z0-9]*' . | cut -d' ' -f2 | sort); do \
		package=$$(dirname $$(grep -rl --include='*_test.go' "^func $$target(" .)); \
		echo "$$package $$target"; \
		go test -run='^$$' -fuzz="^$$target$$" -fuzztime=$(FUZZTIME) $$package || exit 1; \
	done

bench: build ## what Gantry adds to Kubernetes' own times: one table, and bench/results.json; fails over a limit
	go run ./bench

lint: ## golangci-lint; the directions of imports are in .golangci.yml
	$(TOOL) golangci-lint run ./...

generate: ## every generated file: CRDs, deepcopy, golden files, pages
	go generate ./...
	go test ./translator -update

verify: generate ## fails where a generated file was not up to date, or formatting is off
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	@git diff --exit-code

presubmit: verify lint test ## before a commit that matters
