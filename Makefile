# Every target that a person types. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help deps deps-build deps-clients build up down demo test test-unit test-api test-integration test-image soak bench fuzz lint generate verify presubmit

# Tests that start clusters are in integration/; each other package has its own.
GO_TEST := go test -timeout=30m
# embedded/cmd/build compiles Kubernetes alike, so that all share what is compiled.
NO_DEBUG_DATA := -gcflags=all=-dwarf=false
TOOL    := go tool -modfile=tools/go.mod

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## what the demo and the tests need besides Go: by apt where root, else named
	@cd tools && go run ./deps awscli ca-certificates

deps-build: ## what the embedded cluster is built with, and runs with
	@[ "$$(go env GOOS)" != linux ] || { cd tools && go run ./deps gcc libc6-dev pkg-config libseccomp-dev iptables nftables; }

deps-clients: deps ## what the tests with other languages' SDKs need
	@cd tools && go run ./deps python3-boto3 nodejs npm

build: deps-build ## bin/gantry and the programs of the embedded cluster (minutes when cold)
	cd embedded && go run ./cmd/build -o ../bin
	CGO_ENABLED=0 go build $(NO_DEBUG_DATA) -ldflags='-s -w' -o bin/gantry ./cmd/gantry

up: build ## a Kubernetes cluster on this machine, with Gantry in front of it
	bin/gantry up --detach

down: ## stop it; nothing stays but its state (`bin/gantry down --delete` removes that)
	bin/gantry down

demo: ## the main job with the AWS CLI, from nothing; leaves Gantry running
	@echo 'compiling the demo'
	@CGO_ENABLED=0 go run $(NO_DEBUG_DATA) ./demo

test: deps deps-clients build test-unit test-api test-image test-integration ## everything below, builds included

test-unit: build ## each package alone, and local control planes
	$(GO_TEST) -race -shuffle=on $$(go list ./... | grep -v /integration)

test-api: build ## handlers and controllers against real API servers, with simulated nodes
	$(GO_TEST) -race -shuffle=on ./integration/api/...

test-image: build ## the container image, in a Docker daemon of its own
	$(GO_TEST) -count=1 ./integration/image

test-integration: deps-clients build ## a real node, real containers, the AWS CLI; the conformance suite
	$(GO_TEST) -count=1 -shuffle=on ./integration

soak: deps-clients build ## the same with hundreds of rounds, and ten million inputs to each fuzz target
	GANTRY_SOAK=1 go test -timeout=6h -count=1 -shuffle=on -v ./controllers/service ./integration/api ./integration
	$(MAKE) fuzz FUZZTIME=10000000x

# `go test -fuzz` instruments whatever a package imports. To read the counters of
# Kubernetes' and the SDK's code after each input takes longer than most inputs do, so
# the tests are compiled with those of this module alone.
FUZZTIME := 30s
fuzz: ## each fuzz target for FUZZTIME (30s, or 1000x for that many inputs)
	@module=$$(go list -m); found=$$(go env GOCACHE)/fuzz; dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	for file in $$(grep -rl --include='*_test.go' '^func Fuzz' . | sort); do \
		package=$$(dirname $$file); \
		go test -c -gcflags="$$module/...=-d=libfuzzer" -o "$$dir/fuzz.test" $$package || exit 1; \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9]*' $$file | cut -d' ' -f2); do \
			echo "$$package $$target"; \
			(cd $$package && "$$dir/fuzz.test" -test.run='^$$' -test.fuzz="^$$target$$" -test.fuzztime=$(FUZZTIME) \
				-test.fuzzcachedir="$$found/$$module/$${package#./}") || exit 1; \
		done; \
	done

bench: build ## what Gantry adds to Kubernetes' own times: one table, and bench/results.json; fails over a limit
	CGO_ENABLED=0 go run $(NO_DEBUG_DATA) ./bench

lint: ## golangci-lint; the directions of imports are in .golangci.yml
	$(TOOL) golangci-lint run ./...

generate: ## every generated file: CRDs, deepcopy, golden files, pages
	go generate ./...
	go test ./translator -update

verify: generate ## fails where a generated file was not up to date, or formatting is off
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	@git diff --exit-code

presubmit: verify lint test ## before a commit that matters
