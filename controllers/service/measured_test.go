package service

import "testing"

func TestAutoscalersSeeAsManyTasksAsAreDesired(t *testing.T) {
	for name, test := range map[string]struct {
		scales  []float64
		primary int64
		want    string
	}{
		"one":                            {[]float64{100}, 1, "1"},
		"two shares of the whole":        {[]float64{50, 50}, 1, "1,2"},
		"a whole one beside the primary": {[]float64{100, 100}, 2, "2"},
		"a canary beside the primary":    {[]float64{100, 10}, 1, "1"},
		"the primary is scaled down":     {[]float64{0, 100}, 1, "2"},
		"nothing comes to the whole":     {[]float64{50}, 1, "none"},
		"none":                           {nil, 0, "none"},
		"many that drain":                {append(make([]float64, 60), 100), 61, "61"},
	} {
		t.Run(name, func(t *testing.T) {
			w := taskSets(4, test.scales...)
			w.service.Name, w.service.Spec.PrimaryTaskSet = "web", test.primary
			w.plan()
			if got, want := w.selector(), "gantry.dev/service=web,gantry.dev/deployment in ("+test.want+")"; got != want {
				t.Errorf("the selector is %s, want %s", got, want)
			}
		})
	}
}
