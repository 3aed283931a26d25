package awsjson

import (
	"bytes"
	"math"
	"reflect"
	"strconv"
	"time"

	smithytime "github.com/aws/smithy-go/time"
	"github.com/go-json-experiment/json/jsontext"
)

// fillTime reads and writes a timestamp. The formats are Smithy's; a member
// that names none is a number of seconds in awsJson.
func fillTime(p *plan, format string) {
	switch format {
	case "date-time":
		fillTextTime(p, smithytime.ParseDateTime, smithytime.FormatDateTime)
	case "http-date":
		fillTextTime(p, smithytime.ParseHTTPDate, smithytime.FormatHTTPDate)
	default:
		p.read = readEpoch
		p.write = func(b []byte, v reflect.Value) ([]byte, error) { return appendEpoch(b, timeOf(v)), nil }
	}
}

func fillTextTime(p *plan, parse func(string) (time.Time, error), format func(time.Time) string) {
	p.read = func(r *reader, v reflect.Value) error {
		s, err := readString(r, "a Timestamp")
		if err != nil {
			return err
		}
		t, err := parse(s)
		if err != nil {
			return mismatch(jsontext.KindString, "a Timestamp")
		}
		v.Set(reflect.ValueOf(t.UTC()))
		return nil
	}
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return appendString(b, format(timeOf(v))), nil }
}

func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() { // as all but a map's are: nothing is copied
		t, _ := reflect.TypeAssert[*time.Time](v.Addr())
		return *t
	}
	t, _ := reflect.TypeAssert[time.Time](v)
	return t
}

// The years 1 to 9999, which is all that the other two formats can say.
const (
	minEpoch = -62135596800
	maxEpoch = 253402300799.999
)

func readEpoch(r *reader, v reflect.Value) error {
	raw, err := readNumber(r, "a Timestamp")
	if err != nil {
		return err
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || f < minEpoch || f > maxEpoch {
		return mismatch(jsontext.KindNumber, "a Timestamp")
	}
	v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(f * 1000))).UTC()))
	return nil
}

// appendEpoch writes seconds with at most three decimals, and no more of them
// than it needs.
func appendEpoch(b []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms < 0 {
		b = append(b, '-')
		ms = -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	if ms %= 1000; ms != 0 {
		b = append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
		b = bytes.TrimRight(b, "0")
	}
	return b
}
