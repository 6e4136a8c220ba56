// Package cases runs named cases and says how each ended: `ok NAME` or `FAIL NAME why`.
package cases

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// T is one running case.
type T struct {
	// Bootstrap is the address of the broker.
	Bootstrap string

	cleanups []func()
}

type failure struct{ why string }

type namedCase struct {
	name string
	run  func(*T)
}

var all []namedCase

// Add adds a case, named after its behaviour.
func Add(name string, run func(*T)) {
	all = append(all, namedCase{name, run})
}

// After has something done at the end of the case, the latest first.
func (t *T) After(cleanup func()) {
	t.cleanups = append(t.cleanups, cleanup)
}

// Fail ends the case.
func (t *T) Fail(format string, arguments ...any) {
	panic(failure{fmt.Sprintf(format, arguments...)})
}

// Check fails the case on an error.
func (t *T) Check(err error) {
	if err != nil {
		t.Fail("%v", err)
	}
}

// Equal fails the case unless both are the same.
func (t *T) Equal(got, want any) {
	if !reflect.DeepEqual(got, want) {
		t.Fail("got %.300v, want %.300v", fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want))
	}
}

// True fails the case unless the condition holds.
func (t *T) True(holds bool, what string, arguments ...any) {
	if !holds {
		t.Fail(what, arguments...)
	}
}

// Until waits for a condition.
func (t *T) Until(what string, condition func() bool) {
	for deadline := time.Now().Add(30 * time.Second); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fail("%s did not happen within 30 s", what)
		}
	}
}

// Must fails the case on an error and returns the value otherwise.
func Must[V any](value V, err error) func(*T) V {
	return func(t *T) V {
		t.Check(err)
		return value
	}
}

// Unique is a topic or group nobody has used.
func Unique(name string) string {
	var random [4]byte
	_, _ = rand.Read(random[:])
	return name + "-" + hex.EncodeToString(random[:])
}

// Main runs the cases named by the program's arguments, or all, against its first argument.
func Main() {
	failed := 0
	for _, one := range all {
		if only := os.Args[2:]; len(only) > 0 && !slices.Contains(only, one.name) {
			continue
		}
		if why := run(one); why != "" {
			failed++
			fmt.Printf("FAIL %s %s\n", one.name, strings.ReplaceAll(strings.TrimSpace(why), "\n", " | "))
		} else {
			fmt.Printf("ok %s\n", one.name)
		}
	}
	if failed > 0 {
		os.Exit(1)
	}
}

func run(one namedCase) (why string) {
	t := &T{Bootstrap: os.Args[1]}
	defer func() {
		if problem := recover(); problem != nil {
			what := fmt.Sprint(problem)
			if failed, is := problem.(failure); is {
				what = failed.why
			}
			why = what + "\n" + string(debug.Stack())
		}
		for _, cleanup := range slices.Backward(t.cleanups) {
			cleanup()
		}
	}()
	one.run(t)
	return ""
}
