package scaling

// limits are those of an autoscaler, which moves a count that is beyond them at
// once, whatever the metrics say.
type limits struct{ low, high int32 }

// limits are the range, but for a service whose desired count was set beyond it by
// hand: there they reach to that count, so that it stays until a policy is invoked.
// The scaling that this is then goes on to the range (Application Auto Scaling User
// Guide, concepts: changes that are made out of band stand until then): a count that
// scaling has set is held to the range alone. A policy that would scale on in the
// wrong direction finds the count at its limit.
func (w *world) limits() limits {
	desired, within := w.service.Spec.DesiredCount, limits{w.target.Spec.MinCapacity, w.target.Spec.MaxCapacity}
	if newest := w.target.Status.Activities; len(newest) > 0 && newest[0].DesiredCount == desired {
		return within
	}
	return limits{low: min(within.low, desired), high: max(within.high, desired)}
}
