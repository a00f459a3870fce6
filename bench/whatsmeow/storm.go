package main

import (
	"sync"
	"time"
)

const stormPatience = 60 * time.Second

type stormResult struct {
	BackMs         float64   `json:"backMs"`
	AccountsBackMs []float64 `json:"accountsBackMs"`
	Missing        int       `json:"missing"`
	Expected       int       `json:"expected"`
	Lost           int       `json:"lost"`
	Doubled        int       `json:"doubled"`
	CPUMs          float64   `json:"cpuMs"`
}

// stormWatch is src/end-to-end/storm-watch.ts again: it watches the accounts while all of their connections are lost at once.
type stormWatch struct {
	accounts  int
	cpuBefore float64

	mutex       sync.Mutex
	away        map[string]bool
	hit         map[string]bool
	back        []float64
	heard       map[string]int
	firstLossAt time.Time
}

func newStormWatch(accounts int) *stormWatch {
	return &stormWatch{
		accounts: accounts, cpuBefore: cpuMs(),
		away: map[string]bool{}, hit: map[string]bool{}, heard: map[string]int{}, back: []float64{},
	}
}

func (s *stormWatch) disconnected(account string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.firstLossAt.IsZero() {
		s.firstLossAt = time.Now()
	}
	s.away[account], s.hit[account] = true, true
}

func (s *stormWatch) connected(account string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.away[account] {
		return
	}
	delete(s.away, account)
	s.back = append(s.back, millisecondsSince(s.firstLossAt))
}

func (s *stormWatch) received(account, text string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.heard[account+" "+text]++
}

type expectedMessage struct {
	To   string `json:"to"`
	Text string `json:"text"`
}

func (s *stormWatch) isComplete(expected []expectedMessage) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.hit) < s.accounts || len(s.away) > 0 {
		return false
	}
	for _, message := range expected {
		if s.heard[message.To+" "+message.Text] == 0 {
			return false
		}
	}
	return true
}

func (s *stormWatch) outcome(expected []expectedMessage) stormResult {
	for deadline := time.Now().Add(stormPatience); !s.isComplete(expected) && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	used := cpuMs() - s.cpuBefore
	// What comes twice comes now.
	time.Sleep(1500 * time.Millisecond)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	result := stormResult{
		AccountsBackMs: s.back, Missing: len(s.away) + s.accounts - len(s.hit), Expected: len(expected), CPUMs: used,
	}
	if len(s.back) > 0 {
		result.BackMs = s.back[len(s.back)-1]
	}
	for _, message := range expected {
		switch count := s.heard[message.To+" "+message.Text]; {
		case count == 0:
			result.Lost++
		case count > 1:
			result.Doubled++
		}
	}
	return result
}
