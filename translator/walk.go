package translator

import (
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// leaf is a present value of a document: a scalar, a list of scalars, an entry
// of a map, or whatever the classification refuses as a whole.
type leaf struct {
	pointer string
	path    string
	value   reflect.Value
}

// leaves returns the present values of a document. Absent are nil pointers,
// empty strings, lists and maps, and zeros of members that are no pointers.
func (t fieldTable) leaves(document Document, root any) []leaf {
	w := walker{table: t, document: document}
	w.walk("", "", reflect.ValueOf(root))
	return w.found
}

type walker struct {
	table    fieldTable
	document Document
	found    []leaf
}

func (w *walker) walk(pointer, path string, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	row, known := w.table.lookup(w.document, path)
	if known && row.Class == Refused && !isEmpty(v) {
		w.found = append(w.found, leaf{pointer, path, v})
		return
	}
	switch {
	case isStruct(v.Type()):
		for _, m := range members(v.Type()) {
			if field := v.Field(m.index); !field.IsZero() {
				w.walk(pointer+"/"+m.name, path+"/"+m.name, field)
			}
		}
	case v.Kind() == reflect.Map:
		w.walkMap(pointer, path, v)
	case isList(v.Type()):
		for i := range v.Len() {
			w.walk(pointer+"/"+strconv.Itoa(i), path+"/*", v.Index(i))
		}
	case (v.Kind() == reflect.Slice || v.Kind() == reflect.String) && v.Len() == 0:
	default:
		w.found = append(w.found, leaf{pointer, path, v})
	}
}

func (w *walker) walkMap(pointer, path string, v reflect.Value) {
	keys := make([]string, 0, v.Len())
	for _, key := range v.MapKeys() {
		keys = append(keys, key.String())
	}
	sort.Strings(keys)
	for _, key := range keys {
		keyPath := path + "/" + escapePointer(key)
		if _, known := w.table.lookup(w.document, keyPath); !known {
			keyPath = path + "/*"
		}
		w.found = append(w.found, leaf{pointer + "/" + escapePointer(key), keyPath, v.MapIndex(reflect.ValueOf(key))})
	}
}

// typePaths returns the path of every leaf that values of a type can have.
func (t fieldTable) typePaths(document Document, root reflect.Type) []string {
	var paths []string
	var walk func(path string, typ reflect.Type)
	walk = func(path string, typ reflect.Type) {
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if row, known := t.lookup(document, path); known && row.Class == Refused {
			paths = append(paths, path)
			return
		}
		switch {
		case isStruct(typ):
			for _, m := range members(typ) {
				walk(path+"/"+m.name, typ.Field(m.index).Type)
			}
		case typ.Kind() == reflect.Map, isList(typ):
			walk(path+"/*", typ.Elem())
		default:
			paths = append(paths, path)
		}
	}
	walk("", root)
	return paths
}

type member struct {
	name  string
	index int
}

var membersOf sync.Map // reflect.Type of a structure -> []member

// members returns a structure's members by their names in ECS JSON: the SDK's
// name with a small first letter.
func members(typ reflect.Type) []member {
	if known, ok := membersOf.Load(typ); ok {
		return known.([]member)
	}
	var found []member
	for i := range typ.NumField() {
		if f := typ.Field(i); f.IsExported() {
			runes := []rune(f.Name)
			runes[0] = unicode.ToLower(runes[0])
			found = append(found, member{string(runes), i})
		}
	}
	membersOf.Store(typ, found)
	return found
}

func isStruct(typ reflect.Type) bool {
	return typ.Kind() == reflect.Struct && typ != reflect.TypeFor[time.Time]()
}

// isList is true for lists of structures; a list of scalars is one value.
func isList(typ reflect.Type) bool {
	return typ.Kind() == reflect.Slice && isStruct(typ.Elem())
}

// isEmpty is true for a structure without a present member, and for empty lists
// and maps: refusing them would refuse `linuxParameters: {}`.
func isEmpty(v reflect.Value) bool {
	switch {
	case isStruct(v.Type()):
		for _, m := range members(v.Type()) {
			f := v.Field(m.index)
			if f.Kind() == reflect.Pointer && !f.IsNil() && !isEmpty(f.Elem()) {
				return false
			}
			if f.Kind() != reflect.Pointer && !f.IsZero() && !isEmpty(f) {
				return false
			}
		}
		return true
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Map:
		return v.Len() == 0
	default:
		return false
	}
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// escapePointer writes a name as a token of a JSON pointer (RFC 6901).
func escapePointer(name string) string {
	return pointerEscapes.Replace(name)
}

// lessPointer orders JSON pointers token by token, numbers by value.
func lessPointer(a, b string) bool {
	for a != "" && b != "" {
		var at, bt string
		at, a, _ = strings.Cut(a, "/")
		bt, b, _ = strings.Cut(b, "/")
		if at == bt {
			continue
		}
		an, aErr := strconv.Atoi(at)
		bn, bErr := strconv.Atoi(bt)
		if aErr == nil && bErr == nil && an != bn {
			return an < bn
		}
		return at < bt
	}
	return len(a) < len(b)
}
