package server

import (
	"context"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// secretReader answers the Secret, or an error.
type secretReader struct {
	client.Reader
	data  map[string][]byte
	err   error
	reads int
}

func (r *secretReader) Get(_ context.Context, _ client.ObjectKey, obj client.Object, _ ...client.GetOption) error {
	r.reads++
	obj.(*corev1.Secret).Data = r.data
	return r.err
}

func TestAccessKeys(t *testing.T) {
	keys := map[string][]byte{"AKIA": []byte("secret")}
	away := errors.New("no route to host")
	for name, tt := range map[string]struct {
		reader secretReader
		id     string
		key    string
		found  bool
		err    error
		reads  int // of two calls
	}{
		"a key":                   {secretReader{data: keys}, "AKIA", "secret", true, nil, 1},
		"another key":             {secretReader{data: keys}, "ASIA", "", false, nil, 1},
		"no Secret":               {secretReader{err: apierrors.NewNotFound(corev1.Resource("secrets"), AccessKeysSecret)}, "AKIA", "", false, nil, 1},
		"it cannot be read":       {secretReader{err: away}, "AKIA", "", false, away, 2},
		"a Secret without a key":  {secretReader{}, "AKIA", "", false, nil, 1},
		"an id that names no key": {secretReader{data: keys}, "", "", false, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			held := newAccessKeys(&tt.reader, "gantry-system")
			for range 2 {
				key, found, err := held.secret(t.Context(), tt.id)
				if key != tt.key || found != tt.found || !errors.Is(err, tt.err) {
					t.Errorf("got %q, %v, %v; want %q, %v, %v", key, found, err, tt.key, tt.found, tt.err)
				}
			}
			if tt.reader.reads != tt.reads {
				t.Errorf("%d reads, want %d", tt.reader.reads, tt.reads)
			}
		})
	}
}
