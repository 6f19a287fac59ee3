# Every target works on a fresh machine with Go.
GO ?= go
BENCHTIME ?= 1s
FUZZTIME ?= 30s

.PHONY: build test bench eval lint fuzz

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/lurehound ./cmd/lurehound

test:
	$(GO) test ./...

# Hot paths: what each does in a second, and its ratio to reading lines in the same run.
bench:
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./... | sh .ci/ratios

# Names, matches and alarms on real data; needs LUREHOUND_CORPUS.
eval:
	$(GO) test -count=1 -v -run Corpus ./...

lint:
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	test -z "$$(gofmt -l .)"

fuzz:
	GO=$(GO) FUZZTIME=$(FUZZTIME) sh .ci/fuzz
