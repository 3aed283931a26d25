// Package docs writes the generated pages of this folder from the code that
// they are about: the dispatch table, the conformance suite's results, the rules
// that stop tasks, the corpus of definitions. A test fails where a page differs; -update writes them.
//
// It may import every package that knows something worth a page. Nothing
// imports it.
package docs

//go:generate go test . -update
