package app

import (
	"os"
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/ui/pane/panetest"
)

// register is a registry whose schemas come when a test says so. What begins with a zero byte has one.
type register struct {
	there   bool
	arrived uint64
}

func (g *register) Read(_ string, part format.Part, data []byte) format.Decoding {
	switch {
	case data[0] != 0:
		return format.Decoding{}
	case !g.there:
		return format.Decoding{Note: "schema 7: being read", Later: true}
	case len(data) < 8:
		return format.Decoding{Note: "Avro Pay, schema 7: does not fit: it ends too early"}
	case part == format.OfKey:
		return format.Decoding{Text: []byte(`{"tenant":"acme"}`), Note: "Avro Key, schema 8"}
	}
	return format.Decoding{Text: []byte(`{"level":"error","state":"refunded"}`), Note: "Avro Pay, schema 7"}
}

func (g *register) Arrived() uint64         { return g.arrived }
func (g *register) Waiting() format.Schemas { return g }

const encoded = "\x00\x00\x00\x00\x07\x02\x04\x06"

// stuckBySchema looks at a record at the commit that has a schema, as one further on has.
func stuckBySchema(t *testing.T, g *register, value string) *rig {
	t.Helper()
	log := orders2()
	log.records[0].Key, log.records[0].Value = []byte(encoded), []byte(value)
	log.records[70].Value = []byte(encoded)
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.deps.Tailer, r.env.Schemas = log, g
	r.keys("2")
	r.env.Focus.Topic, r.env.Focus.Partition = "orders", kafka.Some[int32](2)
	r.perform(r.askRecord())
	return r
}

func TestRecordAtTheCommitIsShownByItsSchema(t *testing.T) {
	r := stuckBySchema(t, &register{there: true}, encoded)
	r.see("Avro Pay, schema 7", `"state": "refunded"`, "of 8 B encoded", "Avro Key, schema 8", `"tenant": "acme"`)
	r = stuckBySchema(t, &register{there: true}, "\x00\x00\x00\x00\x07\x02")
	r.see("Avro Pay, schema 7: does not fit: it ends too early", "00 00 00 00 07 02")
	r = stuckBySchema(t, &register{}, encoded)
	r.see("schema 7: being read")
}

func TestSkipGoesToTheNextRecordThatPassesByItsSchema(t *testing.T) {
	r := stuckBySchema(t, &register{there: true}, encoded)
	r.keys("f")
	r.typed("jq: .state == \"refunded\"")
	r.perform(r.keys("enter"))
	r.see("Reset payments to offset 370")
	r.seeNot("could not be had")
}

func TestSkipSaysWhatItCouldNotDecode(t *testing.T) {
	r := stuckBySchema(t, &register{}, encoded)
	r.keys("f")
	r.typed("level:error")
	r.perform(r.keys("enter"))
	r.see("No record passes", "The schemas of 1 record could not be had: only their bytes were searched.")
}

func TestQuietTailIsJudgedAgainWhenASchemaComes(t *testing.T) {
	g := &register{}
	r := tailed(t, encoded, "plain")
	r.env.Schemas = g
	r.keys("/")
	r.typed("level:error")
	r.keys("enter")
	r.see("0 shown of 2")
	g.there, g.arrived = true, 1
	r.Update(tickMsg(panetest.Now()))
	r.see("1 shown of 2")
}

func TestSavedMatchesAreThoseOnTheScreen(t *testing.T) {
	r := tailed(t, encoded, "plain", encoded)
	r.env.Schemas = &register{there: true}
	r.keys("/")
	r.typed("level:error")
	r.keys("enter", "s")
	r.finish(r.keys("enter"))
	r.see("2 records written to ")
}

// distant is a registry whose schemas are there for those who wait alone.
type distant struct{ register }

func (d *distant) Waiting() format.Schemas { return &register{there: true} }

func TestSavedRecordsAreAsSchemasDecodeThemWhichAreWaitedFor(t *testing.T) {
	r := tailed(t, encoded, "plain")
	r.env.Schemas = &distant{}
	r.keys("s")
	r.see("as schemas decode them")
	r.finish(r.keys("enter"))
	r.saved("records-orders.txt", `{"level":"error","state":"refunded"}`, "plain")
	r.keys("s", "tab", "down", "down", "tab")
	r.finish(r.keys("enter"))
	r.saved("records-orders.csv", `"{""level"":""error"",""state"":""refunded""}",schema`, ",plain,text,", `"Avro Pay, schema 7"`)
	r.keys("s", "tab", "down", "down", "tab", "down")
	r.see("base64 in CSV")
	r.finish(r.keys("enter"))
	r.saved("records-orders-2.csv", "\x00\x00\x00\x00\a\x02\x04\x06,text,")
	r.keys("s", "tab", "down")
	r.see("what schemas decode beside it")
	r.seeNot("as they are in the log")
	r.finish(r.keys("enter"))
	r.saved("records-orders.jsonl", `"decoded":{"level":"error","state":"refunded"},"schema":"Avro Pay, schema 7"`, `"value":"\u0000\u0000`)
}

func TestSavedRecordOfADetailIsDecoded(t *testing.T) {
	r := tailed(t, encoded)
	r.env.Schemas = &distant{}
	r.keys("enter")
	r.finish(r.keys("s"))
	r.saved("record-orders-0-0.json", `"state": "refunded"`, `"schema": "Avro Pay, schema 7"`)
}

func (r *rig) saved(name string, want ...string) {
	r.t.Helper()
	b, err := os.ReadFile(r.stateDir("records/" + name))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, w := range want {
		if !strings.Contains(string(b), w) {
			r.t.Errorf("no %q in %s:\n%s", w, name, b)
		}
	}
}

func TestSaveSaysWhatItCouldNotJudge(t *testing.T) {
	r := tailed(t, encoded, "plain")
	r.env.Schemas = &register{}
	r.keys("/")
	r.typed("plain")
	r.keys("enter", "s")
	r.finish(r.keys("enter"))
	r.see("1 record written to ")
	if got := savedText(tail.Saved{Records: 3, Broken: 2, Path: "f"}, leftOut{unsure: 1}); got != "1 record and 2 corrupt batches written to f; of 1 the schema could not be had: only their bytes were searched" {
		t.Error(got)
	}
}

func TestScanWaitsForSchemasAndSaysWhatItCouldNotJudge(t *testing.T) {
	for name, c := range map[string]struct {
		schemas format.Schemas
		want    []string
	}{
		"there":     {&distant{}, []string{"48 records read", "1 found"}},
		"not there": {&register{}, []string{"48 records read", "0 found", "1 without schema"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := scanned(t, 5)
			r.env.Schemas = c.schemas
			r.keys("m")
			r.clear()
			r.typed("0")
			r.keys("tab")
			r.typed("refunded")
			r.keys("enter")
			r.await(func() bool { return r.tail.scan.State().Phase == tail.Ended })
			r.see(c.want...)
		})
	}
}
