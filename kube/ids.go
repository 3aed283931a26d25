package kube

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/types"
)

// The ids of a service's deployments are pure functions of the service's UID and
// the deployment's number, so that the answer to a call has them before any
// controller has run.

// DeploymentID is the id in deployments[] and in a task's startedBy: ecs-svc/
// and the 19 digits of a 63-bit number.
func DeploymentID(service types.UID, number int64) string {
	return "ecs-svc/" + RevisionID(service, number)
}

// RevisionID is the id of the service revision that the deployment first ran: the
// number in the deployment's id (recorded answers of UpdateService).
func RevisionID(service types.UID, number int64) string {
	sum, _ := hex.DecodeString(Hash(string(service), "deployment", strconv.FormatInt(number, 10)))
	const smallest = 1_000_000_000_000_000_000 // the first number of 19 digits
	return fmt.Sprintf("%019d", smallest+binary.BigEndian.Uint64(sum)%(1<<63-smallest))
}

// PauseID is the id of a pause in a deployment: ecs-pause- and 43 characters (API
// reference, ContinueServiceDeployment).
func PauseID(service types.UID, number int64, key string) string {
	sum, _ := hex.DecodeString(Hash(string(service), "pause", strconv.FormatInt(number, 10), key))
	return "ecs-pause-" + base64.RawURLEncoding.EncodeToString(sum)
}

// ServiceDeploymentID has 21 characters of A-Z, a-z, 0-9, - and _.
func ServiceDeploymentID(service types.UID, number int64) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	sum, _ := hex.DecodeString(Hash(string(service), "service-deployment", strconv.FormatInt(number, 10)))
	id := make([]byte, 21)
	for i := range id {
		id[i] = alphabet[sum[i]%64]
	}
	return string(id)
}
