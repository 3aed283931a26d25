package translator

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// volumesFrom mounts what other containers mount (API reference, VolumeFrom),
// and so on from those that they take volumes from.
func (r *renderer) volumesFrom(c *container) {
	for i, from := range c.def.VolumesFrom {
		at := c.member("volumesFrom").child(strconv.Itoa(i))
		points, known := r.mountPointsOf(value(from.SourceContainer), map[string]bool{value(c.def.Name): true})
		if !known {
			r.refuse(at, "no other container of the task has this name")
			continue
		}
		for _, m := range points {
			if c.free(value(m.ContainerPath)) && r.hasVolume(value(m.SourceVolume)) {
				c.out.VolumeMounts = append(c.out.VolumeMounts, r.mount(m, value(from.ReadOnly)))
			}
		}
		r.translated(at.child("sourceContainer"), c.pointer("volumeMounts"))
		if from.ReadOnly != nil {
			r.translated(at.child("readOnly"), c.pointer("volumeMounts"))
		}
	}
}

// mountPointsOf also ends where containers take volumes from each other.
func (r *renderer) mountPointsOf(name string, seen map[string]bool) (points []types.MountPoint, known bool) {
	if seen[name] {
		return nil, false
	}
	seen[name] = true
	for _, c := range r.containers {
		if value(c.def.Name) != name {
			continue
		}
		points = append(points, c.def.MountPoints...)
		for _, from := range c.def.VolumesFrom {
			more, _ := r.mountPointsOf(value(from.SourceContainer), seen)
			for _, m := range more {
				m.ReadOnly = new(value(m.ReadOnly) || value(from.ReadOnly))
				points = append(points, m)
			}
		}
		return points, true
	}
	return nil, false
}
