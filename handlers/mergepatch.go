package handlers

import "encoding/json"

// replaced is a merge patch that turns one JSON object into another: a member
// that the new one does not have is taken away.
func replaced(old, current []byte) map[string]any {
	before, after := map[string]any{}, map[string]any{}
	_ = json.Unmarshal(old, &before) // both are objects that this process or another encoded
	_ = json.Unmarshal(current, &after)
	return mergeObjects(before, after)
}

func mergeObjects(before, after map[string]any) map[string]any {
	patch := map[string]any{}
	for name, value := range after {
		object, isObject := value.(map[string]any)
		old, wasObject := before[name].(map[string]any)
		if isObject && wasObject {
			value = mergeObjects(old, object)
		}
		patch[name] = value
	}
	for name := range before {
		if _, kept := after[name]; !kept {
			patch[name] = nil
		}
	}
	return patch
}
