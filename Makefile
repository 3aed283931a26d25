# Every target that a person types. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help build up down

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/gantry and the programs of the embedded cluster (minutes when cold)
	cd embedded && go run ./cmd/build -o ../bin
	CGO_ENABLED=0 go build -ldflags='-s -w' -o bin/gantry ./cmd/gantry

up: build ## a Kubernetes cluster on this machine, with Gantry in front of it
	bin/gantry up --detach

down: ## stop it; nothing stays but its state (`bin/gantry down --delete` removes that)
	bin/gantry down
