package localcluster

import "time"

// Options say which cluster Start makes.
type Options struct {
	// StateDir holds everything the cluster writes. Start makes it.
	StateDir string
	// BinDir holds gantry-node and its companions. Empty: FindBinDir.
	BinDir string
	// ControlPlaneOnly starts etcd and the API server, on free ports.
	ControlPlaneOnly bool
	// ControllerManager adds the controller manager to a ControlPlaneOnly cluster.
	ControllerManager bool
	// Simulated has a node that runs no containers. With ControlPlaneOnly it
	// adds scheduler, controller manager and that node, still on free ports.
	Simulated bool
	// APIServerArgs are added to the API server's own flags.
	APIServerArgs []string
	// FeatureGates are given to every Kubernetes component, as in
	// "PodLevelResources=false".
	FeatureGates string
	// Extra are programs that run beside the cluster. They start when the API
	// server answers and stop before it.
	Extra []Component
	// Progress hears of each step when it begins and when it ends, and for as long
	// as the cluster runs of each component that ended and was started again.
	Progress func(Step)
}

// A Step of starting or stopping.
type Step struct {
	Name    string        `json:"step"`
	State   StepState     `json:"state"`
	Detail  string        `json:"detail,omitempty"`
	Log     string        `json:"log,omitempty"` // of a component
	Elapsed time.Duration `json:"elapsedNanoseconds,omitempty"`
	// Restarts of a component, this one included.
	Restarts int `json:"restarts,omitempty"`
}

// StepState tells the report of a step's beginning from those that follow.
type StepState string

// The states of a Step.
const (
	StepBegun  StepState = "begun"
	StepDone   StepState = "done"
	StepFailed StepState = "failed"
	// StepGivenUp: something else failed, or the start was interrupted.
	StepGivenUp StepState = "given up"
	// StepRestarted: a component that ran for Elapsed ended, as Detail says, and
	// was started again.
	StepRestarted StepState = "restarted"
)

// Mode is the shape of a cluster.
type Mode string

// The three shapes.
const (
	ModeNode         Mode = "node"
	ModeSimulated    Mode = "simulated"
	ModeControlPlane Mode = "control-plane"
)

func (o Options) mode() Mode {
	switch {
	case o.Simulated:
		return ModeSimulated
	case o.ControlPlaneOnly:
		return ModeControlPlane
	default:
		return ModeNode
	}
}

// complete fills what may be left out and refuses what cannot work.
func (o Options) complete() (Options, error) {
	var err error
	if o.StateDir, err = StateDir(o.StateDir); err != nil {
		return o, err
	}
	if o.BinDir == "" {
		if o.BinDir, err = FindBinDir(); err != nil {
			return o, err
		}
	}
	if o.Progress == nil {
		o.Progress = func(Step) {}
	}
	return o, nil
}
