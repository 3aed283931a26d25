package service

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/translator"
)

// draining is a side of which so many tasks, all healthy, have to leave.
func draining(leaving int32, side Side) Side {
	side.Leaving, side.LeavingHealthy = leaving, leaving
	return side
}

func TestCountsOfADrain(t *testing.T) {
	for name, test := range map[string]struct {
		desired, minimum, maximum int32
		sides                     []Side
		want                      []int32
	}{
		"100/200: the replacement starts first":         {2, 100, 200, []Side{draining(1, at(2, 2, 2, 2))}, []int32{3}},
		"nothing stops before it is healthy":            {2, 100, 200, []Side{draining(1, at(3, 3, 3, 2))}, []int32{3}},
		"then the old one stops":                        {2, 100, 200, []Side{draining(1, at(3, 3, 3, 3))}, []int32{2}},
		"100/150: as many at a time as there is room":   {4, 100, 150, []Side{draining(4, at(4, 4, 4, 4))}, []int32{6}},
		"and the same after the first have moved":       {4, 100, 150, []Side{draining(2, at(4, 4, 4, 4))}, []int32{6}},
		"50/100 stops two first":                        {4, 50, 100, []Side{draining(4, at(4, 4, 4, 4))}, []int32{2}},
		"and starts two":                                {4, 50, 100, []Side{draining(2, at(2, 2, 2, 2))}, []int32{4}},
		"1 at 50/150 has no room":                       {1, 50, 150, []Side{draining(1, at(1, 1, 1, 1))}, []int32{1}},
		"a scale-in takes those that leave":             {2, 100, 200, []Side{draining(2, at(4, 4, 4, 4))}, []int32{2}},
		"an old deployment only drains":                 {2, 100, 200, []Side{draining(2, at(2, 2, 2, 2)), {}}, []int32{2, 2}},
		"the uncordoned need no replacement":            {2, 100, 200, []Side{at(3, 3, 2, 2)}, []int32{2}},
		"a ReplicaSet would take one that starts first": {4, 50, 100, []Side{draining(2, at(4, 4, 4, 3))}, []int32{4}},
	} {
		t.Run(name, func(t *testing.T) {
			lower, upper := translator.Limits(test.desired, test.minimum, test.maximum)
			if diff := cmp.Diff(test.want, Counts(lower, upper, rolling(test.desired, test.sides))); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDrainOfTwoSides: the tasks that serve are not spared because others stand
// beside them.
func TestDrainOfTwoSides(t *testing.T) {
	blue, green := draining(4, at(4, 4, 4, 4)), at(4, 4, 4, 4)
	blue.Wanted, green.Wanted = 4, 4
	if got := Counts(4, 8, []Side{blue, green}); got[0] != 4 {
		t.Errorf("without room the old side gets %d tasks, want all that it has", got[0])
	}
	if got := Counts(4, 16, []Side{blue, green}); got[0] != 8 || got[1] != 4 {
		t.Errorf("with room the sides get %v", got)
	}
}

func TestBlockedDrain(t *testing.T) {
	for name, test := range map[string]struct {
		desired, minimum, maximum int32
		side                      Side
		want                      bool
	}{
		"1 at 50/150 has no room":     {1, 50, 150, draining(1, at(1, 1, 1, 1)), true},
		"2 at 100/200 moves":          {2, 100, 200, draining(1, at(2, 2, 2, 2)), false},
		"the replacement is starting": {2, 100, 200, draining(1, at(3, 3, 2, 2)), false},
	} {
		lower, upper := translator.Limits(test.desired, test.minimum, test.maximum)
		if got := Blocked(lower, upper, rolling(test.desired, []Side{test.side})); got != test.want {
			t.Errorf("%s: blocked is %v", name, got)
		}
	}
}

// TestDrainAlwaysEnds plays drains, some of them in the middle of a rollout, on a
// cluster whose ReplicaSets take what Kubernetes' take.
func TestDrainAlwaysEnds(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 11))
		desired := 1 + int32(r.IntN(20))
		minimum, maximum := int32(r.IntN(101)), int32(100+r.IntN(150))
		lower, upper := translator.Limits(desired, minimum, maximum)
		sides := []Side{at(desired, desired, desired, desired)}
		if r.IntN(2) == 0 {
			sides = append(sides, Side{})
		}
		sides[0] = draining(1+int32(r.IntN(int(desired))), sides[0])
		for step := 0; ; step++ {
			if step > 4000 {
				t.Fatalf("seed %d: desired %d with %d/%d does not end: %+v", seed, desired, minimum, maximum, sides)
			}
			rolling(desired, sides)
			counts := Counts(lower, upper, sides)
			checkStep(t, seed, lower, upper, sides, counts)
			for i := range sides {
				shrink(&sides[i], counts[i])
			}
			if last := len(sides) - 1; done(desired, sides) && sides[last].Leaving == 0 {
				break
			}
			if Blocked(lower, upper, sides) {
				if upper > desired || lower < desired {
					t.Fatalf("seed %d: desired %d with %d/%d has room and is blocked: %+v", seed, desired, minimum, maximum, sides)
				}
				break
			}
			live(r, sides)
		}
	}
}

// shrink takes tasks as a ReplicaSet does: those that are not ready first, then
// the marked ones, which are those that have to leave.
func shrink(side *Side, replicas int32) {
	for ; side.Replicas > replicas; side.Replicas-- {
		switch {
		case side.Active < side.Replicas: // it is not there yet
			continue
		case side.Running < side.Active:
		case side.Healthy < side.Running:
			side.Running--
		case side.Leaving > 0:
			side.Leaving--
			side.LeavingHealthy--
			fallthrough
		default:
			side.Running--
			side.Healthy--
		}
		side.Active--
	}
	side.Replicas = replicas
}
