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
		"maximum 150 leaves room for half":    {4, 100, 150, []Side{{4, 4, 4, 4}, {}}, []int32{4, 2}},
		"start first: all new beside all old": {2, 100, 200, []Side{{2, 2, 2, 2}, {}}, []int32{2, 2}},
		"the new are not healthy yet: nothing stops": {
			2, 100, 200, []Side{{2, 2, 2, 2}, {2, 2, 2, 0}}, []int32{2, 2},
		},
		"one of the new is healthy: one old stops":       {2, 100, 200, []Side{{2, 2, 2, 2}, {2, 2, 2, 1}}, []int32{1, 2}},
		"stop first with 50 and 100":                     {4, 50, 100, []Side{{4, 4, 4, 4}, {}}, []int32{2, 0}},
		"the room that stopping made is used":            {4, 50, 100, []Side{{2, 2, 2, 2}, {}}, []int32{2, 2}},
		"a stopped task still there takes room":          {4, 50, 100, []Side{{2, 4, 4, 4}, {}}, []int32{2, 0}},
		"unhealthy old tasks stop freely":                {2, 100, 200, []Side{{2, 2, 0, 0}, {}}, []int32{0, 2}},
		"old tasks that run and do not count yet stay":   {2, 100, 200, []Side{{2, 2, 2, 0}, {}}, []int32{2, 2}},
		"old tasks that do not count go where enough do": {2, 100, 200, []Side{{2, 2, 2, 0}, {2, 2, 2, 2}}, []int32{0, 2}},
		"none desired: old tasks that do not count go":   {0, 100, 200, []Side{{2, 2, 2, 0}, {}}, []int32{0, 0}},
		"scale in of tasks that do not count yet":        {1, 100, 200, []Side{{4, 4, 4, 0}}, []int32{1}},
		"4 at 50 percent may stop 2":                     {4, 50, 100, []Side{{4, 4, 4, 4}, {}}, []int32{2, 0}},
		"2 at 75 percent may stop none":                  {2, 75, 100, []Side{{2, 2, 2, 2}, {}}, []int32{2, 0}},
		"3 at 125 percent may start none":                {3, 100, 125, []Side{{3, 3, 3, 3}, {}}, []int32{3, 0}},
		"scale out":                                      {5, 100, 200, []Side{{2, 2, 2, 2}}, []int32{5}},
		"scale in":                                       {1, 100, 200, []Side{{4, 4, 4, 4}}, []int32{1}},
		"scale in to none":                               {0, 100, 200, []Side{{4, 4, 4, 4}, {2, 2, 2, 0}}, []int32{0, 0}},
		"three deployments: both older drain":            {2, 0, 200, []Side{{2, 2, 2, 2}, {2, 2, 0, 0}, {}}, []int32{0, 0, 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			lower, upper := translator.Limits(test.desired, test.minimum, test.maximum)
			if diff := cmp.Diff(test.want, Counts(test.desired, lower, upper, test.sides)); diff != "" {
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
		"1 at 50/150 has no room":        {1, 50, 150, []Side{{1, 1, 1, 1}, {}}, true},
		"3 at 100/125 has no room":       {3, 100, 125, []Side{{3, 3, 3, 3}, {}}, true},
		"2 at 100/200 moves":             {2, 100, 200, []Side{{2, 2, 2, 2}, {}}, false},
		"waiting for health is no block": {2, 100, 200, []Side{{2, 2, 2, 2}, {2, 2, 2, 0}}, false},
		"finished is no block":           {2, 100, 200, []Side{{2, 2, 2, 2}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			lower, upper := translator.Limits(test.desired, test.minimum, test.maximum)
			if got := Blocked(test.desired, lower, upper, test.sides); got != test.want {
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
		sides := []Side{{desired, desired, desired, desired}, {}}
		if r.IntN(3) == 0 {
			sides = append([]Side{{}}, sides...)
		}
		blocked := false
		for step := 0; ; step++ {
			if step > 2000 {
				t.Fatalf("seed %d: desired %d with %d/%d does not end: %v", seed, desired, minimum, maximum, sides)
			}
			counts := Counts(desired, lower, upper, sides)
			checkStep(t, seed, lower, upper, sides, counts)
			for i := range sides {
				sides[i].Replicas = counts[i]
			}
			if done(desired, sides) {
				break
			}
			if Blocked(desired, lower, upper, sides) {
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
