# Gantry for a cluster: `gantry serve`, and nothing else. The image holds one
# static program; there is no shell and no package manager.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
RUN CGO_ENABLED=0 go build -ldflags="-s -w -X main.version=${VERSION}" -o /gantry ./cmd/gantry

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /gantry /gantry
USER 65532:65532
ENV GANTRY_LISTEN=0.0.0.0:4566
EXPOSE 4566
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["/gantry", "health"]
ENTRYPOINT ["/gantry"]
CMD ["serve"]
