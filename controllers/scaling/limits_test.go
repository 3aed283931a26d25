package scaling

import (
	"testing"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func TestLimits(t *testing.T) {
	for name, test := range map[string]struct {
		desired   int32
		lastScale []int32 // the counts that scaling has set, newest first
		want      limits
	}{
		"in the range":                     {4, nil, limits{2, 6}},
		"set below it":                     {1, nil, limits{1, 6}},
		"set below it after a scaling":     {1, []int32{4, 2}, limits{1, 6}},
		"scaled out below it":              {1, []int32{1, 4}, limits{2, 6}},
		"set above it":                     {9, []int32{4}, limits{2, 9}},
		"scaled in above it":               {8, []int32{8}, limits{2, 6}},
		"set to what an older scaling has": {1, []int32{4, 1}, limits{1, 6}},
		"set to none":                      {0, []int32{4}, limits{0, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{target: targetOf(2, 6), service: &v1alpha1.ECSService{}}
			w.service.Spec.DesiredCount = test.desired
			for _, count := range test.lastScale {
				w.target.Status.Activities = append(w.target.Status.Activities, v1alpha1.ScalingActivity{DesiredCount: count})
			}
			if got := w.limits(); got != test.want {
				t.Errorf("limits are %+v, want %+v", got, test.want)
			}
		})
	}
}
