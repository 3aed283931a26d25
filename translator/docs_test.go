package translator

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const fieldTablePage = "../docs/fields.md"

// TestFieldTable fails when the checked-in page is not what the code says.
func TestFieldTable(t *testing.T) {
	var page bytes.Buffer
	if err := WriteFieldTable(&page); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(fieldTablePage, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	checkedIn, err := os.ReadFile(fieldTablePage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(checkedIn), page.String()); diff != "" {
		t.Errorf("%s differs, run go generate ./translator (-checked in +code):\n%s", fieldTablePage, diff)
	}
}
