package service

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/translator"
)

func TestCounts(t *testing.T) {
	tests := map[string]struct {
		desired, minimum, maximum int32
		sides                     []Side
		want                      []int32
	}{
		"a new service starts all":            {3, 100, 200, []Side{{}}, []int32{3}},
		"maximum 150 leaves room for half":    {4, 100, 150, []Side{at(4, 4, 4, 4), {}}, []int32{4, 2}},
		"start first: all new beside all old": {2, 100, 200, []Side{at(2, 2, 2, 2), {}}, []int32{2, 2}},
		"the new are not healthy yet: nothing stops": {
			2, 100, 200, []Side{at(2, 2, 2, 2), at(2, 2, 2, 0)}, []int32{2, 2},
		},
		"one of the new is healthy: one old stops":       {2, 100, 200, []Side{at(2, 2, 2, 2), at(2, 2, 2, 1)}, []int32{1, 2}},
		"stop first with 50 and 100":                     {4, 50, 100, []Side{at(4, 4, 4, 4), {}}, []int32{2, 0}},
		"the room that stopping made is used":            {4, 50, 100, []Side{at(2, 2, 2, 2), {}}, []int32{2, 2}},
		"a stopped task still there takes room":          {4, 50, 100, []Side{at(2, 4, 4, 4), {}}, []int32{2, 0}},
		"unhealthy old tasks stop freely":                {2, 100, 200, []Side{at(2, 2, 0, 0), {}}, []int32{0, 2}},
		"old tasks that run and do not count yet stay":   {2, 100, 200, []Side{at(2, 2, 2, 0), {}}, []int32{2, 2}},
		"old tasks that do not count go where enough do": {2, 100, 200, []Side{at(2, 2, 2, 0), at(2, 2, 2, 2)}, []int32{0, 2}},
		"nothing starts while an old one may have more":  {1, 0, 100, []Side{{Shrinking: true}, {}}, []int32{0, 0}},
		"none desired: old tasks that do not count go":   {0, 100, 200, []Side{at(2, 2, 2, 0), {}}, []int32{0, 0}},
		"scale in of tasks that do not count yet":        {1, 100, 200, []Side{at(4, 4, 4, 0)}, []int32{1}},
		"4 at 50 percent may stop 2":                     {4, 50, 100, []Side{at(4, 4, 4, 4), {}}, []int32{2, 0}},
		"2 at 75 percent may stop none":                  {2, 75, 100, []Side{at(2, 2, 2, 2), {}}, []int32{2, 0}},
		"3 at 125 percent may start none":                {3, 100, 125, []Side{at(3, 3, 3, 3), {}}, []int32{3, 0}},
		"scale out":                                      {5, 100, 200, []Side{at(2, 2, 2, 2)}, []int32{5}},
		"scale in":                                       {1, 100, 200, []Side{at(4, 4, 4, 4)}, []int32{1}},
		"scale in to none":                               {0, 100, 200, []Side{at(4, 4, 4, 4), at(2, 2, 2, 0)}, []int32{0, 0}},
		"three deployments: both older drain":            {2, 0, 200, []Side{at(2, 2, 2, 2), at(2, 2, 0, 0), {}}, []int32{0, 0, 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			lower, upper := translator.Limits(test.desired, test.minimum, test.maximum)
			if diff := cmp.Diff(test.want, Counts(lower, upper, rolling(test.desired, test.sides))); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// at is a deployment with these numbers of replicas, tasks, running and healthy ones.
func at(replicas, active, running, healthy int32) Side {
	return Side{Replicas: replicas, Active: active, Running: running, Healthy: healthy}
}

// rolling wants the desired count of the newest side, and none of the others.
func rolling(desired int32, sides []Side) []Side {
	sides[len(sides)-1].Wanted = desired
	return sides
}

func TestCountsOfStrategies(t *testing.T) {
	wants := func(wanted int32, side Side) Side { side.Wanted = wanted; return side }
	protects := func(protected int32, side Side) Side { side.Protected = protected; return side }
	for name, test := range map[string]struct {
		lower, upper int32
		sides        []Side
		want         []int32
	}{
		"a failed deployment loses what does not run, the old one stays": {
			2, 4, []Side{wants(2, at(2, 2, 2, 2)), wants(0, at(2, 2, 0, 0))}, []int32{2, 0},
		},
		"a failed deployment keeps what runs and gets nothing": {
			2, 4, []Side{wants(1, at(1, 1, 1, 1)), wants(1, at(3, 3, 1, 1))}, []int32{1, 1},
		},
		"two sides are wanted in full": {
			2, 4, []Side{wants(2, at(2, 2, 2, 2)), wants(2, Side{})}, []int32{2, 2},
		},
		"protected tasks of an old deployment stay": {
			2, 4, []Side{protects(1, at(2, 2, 2, 2)), wants(2, at(2, 2, 2, 2))}, []int32{1, 2},
		},
		"the only one that is not protected is healthy, and needed": {
			3, 5, []Side{{Replicas: 5, Active: 5, Running: 5, Healthy: 3, Protected: 4, ProtectedRunning: 4, ProtectedHealthy: 2}, wants(5, Side{})}, []int32{5, 0},
		},
		"protected tasks stay in a scale-in": {
			1, 2, []Side{wants(1, protects(3, at(4, 4, 4, 4)))}, []int32{3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Counts(test.lower, test.upper, test.sides)); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBlocked(t *testing.T) {
	for name, test := range map[string]struct {
		desired, minimum, maximum int32
		sides                     []Side
		want                      bool
	}{
		"1 at 50/150 has no room":        {1, 50, 150, []Side{at(1, 1, 1, 1), {}}, true},
		"3 at 100/125 has no room":       {3, 100, 125, []Side{at(3, 3, 3, 3), {}}, true},
		"2 at 100/200 moves":             {2, 100, 200, []Side{at(2, 2, 2, 2), {}}, false},
		"waiting for health is no block": {2, 100, 200, []Side{at(2, 2, 2, 2), at(2, 2, 2, 0)}, false},
		"finished is no block":           {2, 100, 200, []Side{at(2, 2, 2, 2)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			lower, upper := translator.Limits(test.desired, test.minimum, test.maximum)
			if got := Blocked(lower, upper, rolling(test.desired, test.sides)); got != test.want {
				t.Errorf("blocked is %v, want %v", got, test.want)
			}
		})
	}
}

// TestRolloutAlwaysEnds plays rollouts on a cluster that starts and stops what it
// is told, in random order, and checks the limits at every step.
func TestRolloutAlwaysEnds(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 7))
		desired := int32(r.IntN(30))
		minimum, maximum := int32(r.IntN(101)), int32(100+r.IntN(150))
		lower, upper := translator.Limits(desired, minimum, maximum)
		sides := []Side{at(desired, desired, desired, desired), {}}
		if r.IntN(3) == 0 {
			sides = append([]Side{{}}, sides...)
		}
		blocked := false
		for step := 0; ; step++ {
			if step > 2000 {
				t.Fatalf("seed %d: desired %d with %d/%d does not end: %v", seed, desired, minimum, maximum, sides)
			}
			rolling(desired, sides)
			counts := Counts(lower, upper, sides)
			checkStep(t, seed, lower, upper, sides, counts)
			for i := range sides {
				sides[i].Replicas = counts[i]
			}
			if done(desired, sides) {
				break
			}
			if Blocked(lower, upper, sides) {
				blocked = true
				break
			}
			live(r, sides)
		}
		if room := upper > desired || lower < desired; blocked && room {
			t.Fatalf("seed %d: desired %d with %d/%d has room and is blocked: %v", seed, desired, minimum, maximum, sides)
		}
	}
}

func checkStep(t *testing.T, seed uint64, lower, upper int32, sides []Side, counts []int32) {
	t.Helper()
	var healthyBefore, healthyAfter, present, grown int32
	for i, side := range sides {
		healthyBefore += min(side.Healthy, side.Replicas)
		healthyAfter += min(side.Healthy, counts[i])
		present += max(counts[i], side.present())
		grown += max(0, counts[i]-side.Replicas)
	}
	if healthyAfter < min(lower, healthyBefore) {
		t.Fatalf("seed %d: %d healthy under the lower limit %d: %v to %v", seed, healthyAfter, lower, sides, counts)
	}
	if grown > 0 && present > upper {
		t.Fatalf("seed %d: %d present over the upper limit %d: %v to %v", seed, present, upper, sides, counts)
	}
}

// live lets one thing happen: a task starts, becomes healthy, or ends.
func live(r *rand.Rand, sides []Side) {
	for _, i := range r.Perm(len(sides)) {
		side := &sides[i]
		switch {
		case side.Active > side.Replicas:
			side.Active--
			side.Running = min(side.Running, side.Active)
			side.Healthy = min(side.Healthy, side.Active)
			return
		case side.Active < side.Replicas:
			side.Active++
			return
		case side.Running < side.Active:
			side.Running++
			return
		case side.Healthy < side.Running:
			side.Healthy++
			return
		}
	}
}

func done(desired int32, sides []Side) bool {
	for i, side := range sides {
		want := int32(0)
		if i == len(sides)-1 {
			want = desired
		}
		if side.Replicas != want || side.Active != want {
			return false
		}
	}
	return true
}

// TestTheFailedGiveWayFirst: in a rollback what serves is the deployment from before,
// for as long as the new one has no tasks that are healthy.
func TestTheFailedGiveWayFirst(t *testing.T) {
	before, failed, back := at(1, 1, 1, 1), at(1, 1, 1, 1), Side{Wanted: 1}
	failed.Failed = true
	if diff := cmp.Diff([]int32{1, 0, 0}, Counts(1, 2, []Side{before, failed, back})); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}
