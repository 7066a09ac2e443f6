// Go: goroutines, channels, garbage collection, preemption of loops that never call, panics on faults, timers, files.
package main

// unox-test: args="one two" timeout=120

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func nilFault() (err error) {
	defer func() { err = fmt.Errorf("recovered: %v", recover()) }()
	var p *struct{ a [100]int }
	fmt.Println(p.a[7])
	return nil
}

func divide(a, b int) (err error) {
	defer func() { err = fmt.Errorf("recovered: %v", recover()) }()
	fmt.Println(a / b)
	return nil
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func deep(n int) int {
	var pad [128]byte
	pad[n%128] = 1
	if n == 0 {
		return int(pad[0])
	}
	return deep(n-1) + int(pad[1])*0 + 1
}

func main() {
	fmt.Println(os.Args[1:], runtime.GOOS, runtime.GOARCH)
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for i := 0; i < 100; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			for k := 0; k < 100; k++ {
				mu.Lock()
				total += i
				mu.Unlock()
			}
		}(i)
	}
	wg.Wait()
	fmt.Println("total", total)
	fmt.Println(nilFault())
	fmt.Println(divide(1, total-495000))
	// Preemption: a loop without a call, one processor.
	runtime.GOMAXPROCS(1)
	var stop int32
	done := make(chan bool)
	go func() {
		n := 0
		for atomic.LoadInt32(&stop) == 0 {
			n++
		}
		done <- n > 0
	}()
	time.Sleep(20 * time.Millisecond)
	atomic.StoreInt32(&stop, 1)
	fmt.Println("spinner ended", <-done)
	runtime.GOMAXPROCS(4)
	// Garbage.
	var keep [][]byte
	for i := 0; i < 2000; i++ {
		b := make([]byte, 20000)
		b[i] = byte(i)
		if i%100 == 0 {
			keep = append(keep, b)
		}
	}
	runtime.GC()
	debug.FreeOSMemory()
	sum := 0
	for i, b := range keep {
		sum += int(b[i*100])
	}
	fmt.Println("kept", len(keep), sum)
	fmt.Println("deep", deep(100000), "fib", fib(25))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	select {
	case <-ctx.Done():
		fmt.Println(ctx.Err())
	case <-time.After(10 * time.Second):
		fmt.Println("too late")
	}
	tick := time.NewTicker(2 * time.Millisecond)
	for i := 0; i < 5; i++ {
		<-tick.C
	}
	tick.Stop()
	pipeline := make(chan int, 3)
	go func() {
		for i := 0; i < 1000; i++ {
			pipeline <- i
		}
		close(pipeline)
	}()
	n := 0
	for v := range pipeline {
		n += v
	}
	fmt.Println("pipeline", n)
	dir, err := os.MkdirTemp("", "unox-go")
	fmt.Println(err)
	fmt.Println(os.WriteFile(filepath.Join(dir, "f"), []byte("contents\nsecond\n"), 0o644))
	f, _ := os.Open(filepath.Join(dir, "f"))
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		fmt.Println("line", sc.Text())
	}
	f.Close()
	_, err = os.ReadFile(filepath.Join(dir, "nope"))
	fmt.Println(errors.Is(err, os.ErrNotExist))
	os.Mkdir(filepath.Join(dir, "d"), 0o755)
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	sort.Strings(names)
	fmt.Println(strings.Join(names, " "), os.RemoveAll(dir))
	r, w, _ := os.Pipe()
	go func() { fmt.Fprint(w, "through a pipe"); w.Close() }()
	b, _ := io.ReadAll(r)
	fmt.Println(string(b))
	fmt.Printf("%x\n", sha256.Sum256([]byte("unox")))
	in, _ := io.ReadAll(os.Stdin)
	fmt.Println("stdin", len(in))
	fmt.Fprintln(os.Stderr, "stderr")
	os.Exit(17)
}
