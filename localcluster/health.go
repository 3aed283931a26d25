package localcluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// answers asks an HTTP health endpoint. config nil means plain HTTP's client.
func answers(ctx context.Context, url string, config *tls.Config) error {
	transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("read %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", url, response.Status, body)
	}
	return nil
}

func httpReady(url string) func(context.Context) error {
	return func(ctx context.Context) error { return answers(ctx, url, nil) }
}

// selfSignedReady is for components on loopback that make their certificate up
// at every start: there is nothing to verify it by.
func selfSignedReady(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		return answers(ctx, url, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // see above
	}
}

// verifiedReady presents the client certificate NAME and verifies by the
// authority CA.
func (l layout) verifiedReady(url, ca, name string) func(context.Context) error {
	return func(ctx context.Context) error {
		roots := x509.NewCertPool()
		data, err := os.ReadFile(l.pki(ca + ".crt"))
		if err != nil {
			return err
		}
		if !roots.AppendCertsFromPEM(data) {
			return fmt.Errorf("%s holds no certificate", l.pki(ca+".crt"))
		}
		pair, err := tls.LoadX509KeyPair(l.pki(name+".crt"), l.pki(name+".key"))
		if err != nil {
			return err
		}
		return answers(ctx, url, &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	}
}

// grpcReady asks gRPC's own health service on a Unix socket.
func grpcReady(socket string) func(context.Context) error {
	return func(ctx context.Context) error {
		connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		defer connection.Close()
		answer, err := healthpb.NewHealthClient(connection).Check(ctx, &healthpb.HealthCheckRequest{})
		if err != nil {
			return err
		}
		if answer.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			return fmt.Errorf("%s is %s", socket, answer.GetStatus())
		}
		return nil
	}
}
