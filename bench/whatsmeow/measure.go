package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// cpuMs is the CPU time of this process so far, user and system, all of its threads.
func cpuMs() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

type memory struct {
	RSSBytes  uint64 `json:"rssBytes"`
	LiveBytes uint64 `json:"liveBytes"`
}

// memoryNow is the memory after a full collection whose pages were given back. SQLite's own is in RSS only.
func memoryNow() memory {
	for range 3 {
		runtime.GC()
	}
	debug.FreeOSMemory()
	time.Sleep(500 * time.Millisecond)
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return memory{RSSBytes: rssBytes(), LiveBytes: stats.HeapAlloc + stats.StackInuse}
}

func rssBytes() uint64 {
	content, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident uint64
	if _, err := fmt.Sscan(string(content), &size, &resident); err != nil {
		return 0
	}
	return resident * uint64(os.Getpagesize())
}
