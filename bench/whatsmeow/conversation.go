package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	lostAfter    = 15 * time.Second
	stalledAfter = 45 * time.Second
	slicesOfRun  = 10
	padding      = "the quick brown fox jumps"
)

// circle is what src/end-to-end/conversation.ts calls so: accounts that answer each other in turn.
type circle struct {
	Members []string `json:"members"`
	Group   string   `json:"group"`
}

func (c *circle) nextOf(member string) string {
	return c.Members[(slices.Index(c.Members, member)+1)%len(c.Members)]
}

type conversationOptions struct {
	Circles  []*circle `json:"circles"`
	Messages int       `json:"messages"`
	InFlight int       `json:"inFlight"`
}

type conversationResult struct {
	Delivered   int       `json:"delivered"`
	Lost        int       `json:"lost"`
	Unsent      int       `json:"unsent"`
	Doubled     int       `json:"doubled"`
	WallMs      float64   `json:"wallMs"`
	CPUMs       float64   `json:"cpuMs"`
	LatenciesMs []float64 `json:"latenciesMs"`
	SlicesCPUMs []float64 `json:"slicesCpuMs"`
}

type waiting struct {
	circle  *circle
	sender  string
	missing map[string]bool
	sentAt  time.Time
}

// conversation is src/end-to-end/conversation.ts again, so that it runs, and is counted, in the process of its side.
type conversation struct {
	send func(account, to, text string) error

	mutex       sync.Mutex
	waiting     map[string]*waiting
	heard       map[string]bool
	run         int
	issued      int
	wanted      int
	sliceStart  float64
	deliveredAt time.Time
	result      conversationResult
	finished    chan struct{}
}

func newConversation(send func(account, to, text string) error) *conversation {
	return &conversation{send: send, waiting: map[string]*waiting{}, heard: map[string]bool{}}
}

func (c *conversation) received(account, chat, text string) {
	parts := strings.Split(text, " ")
	if parts[0] != "talk" || len(parts) < 2 {
		return
	}
	key := parts[1]
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.heard[key+" "+account] {
		c.result.Doubled++
	}
	message := c.waiting[key]
	if message == nil || !message.missing[account] {
		return
	}
	delete(message.missing, account)
	c.heard[key+" "+account] = true
	if len(message.missing) > 0 {
		return
	}
	delete(c.waiting, key)
	c.delivered(message)
	c.say(message.circle, message.circle.nextOf(message.sender), chat)
}

func (c *conversation) delivered(message *waiting) {
	c.result.LatenciesMs = append(c.result.LatenciesMs, millisecondsSince(message.sentAt))
	c.result.Delivered++
	c.deliveredAt = time.Now()
	size := max(1, c.wanted/slicesOfRun)
	if c.wanted > 0 && c.result.Delivered%size == 0 {
		now := cpuMs()
		c.result.SlicesCPUMs = append(c.result.SlicesCPUMs, (now-c.sliceStart)/float64(size))
		c.sliceStart = now
	}
	c.finishWhenDone()
}

func (c *conversation) finishWhenDone() {
	if c.wanted > 0 && c.result.Delivered+c.result.Lost >= c.wanted {
		c.finish()
	}
}

func (c *conversation) finish() {
	select {
	case <-c.finished:
	default:
		close(c.finished)
	}
}

func (c *conversation) talk(options conversationOptions) conversationResult {
	startedAt, cpuBefore := time.Now(), cpuMs()
	finished := make(chan struct{})
	c.mutex.Lock()
	c.run++
	c.issued, c.wanted, c.finished = 0, options.Messages, finished
	c.result = conversationResult{LatenciesMs: []float64{}, SlicesCPUMs: []float64{}}
	c.sliceStart, c.deliveredAt = cpuBefore, startedAt
	for chain := range options.InFlight {
		for _, circle := range options.Circles {
			c.say(circle, circle.Members[chain%len(circle.Members)], "")
		}
	}
	c.mutex.Unlock()
	overdue := time.NewTicker(time.Second)
	for running := true; running; {
		select {
		case <-finished:
			running = false
		case <-overdue.C:
			c.giveUp()
		}
	}
	overdue.Stop()
	c.mutex.Lock()
	c.result.WallMs, c.result.CPUMs = millisecondsSince(startedAt), cpuMs()-cpuBefore
	c.result.Unsent = options.Messages - c.issued
	c.result.Lost += len(c.waiting)
	c.wanted = 0
	clear(c.waiting)
	c.mutex.Unlock()
	// What comes twice comes now.
	time.Sleep(500 * time.Millisecond)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	clear(c.heard)
	return c.result
}

// say sends the next message of a circle; `to` is the chat that the message before came from. The caller holds the lock.
func (c *conversation) say(of *circle, sender, to string) {
	if c.issued >= c.wanted {
		return
	}
	c.issued++
	key := fmt.Sprintf("%d-%d", c.run, c.issued)
	if to == "" {
		to = of.Group
	}
	if to == "" {
		to = of.nextOf(sender)
	}
	missing := map[string]bool{}
	for _, member := range of.Members {
		if member != sender {
			missing[member] = true
		}
	}
	c.waiting[key] = &waiting{circle: of, sender: sender, missing: missing, sentAt: time.Now()}
	// A failed send is a lost message, and counted as one when its time is over.
	go func() { _ = c.send(sender, to, "talk "+key+" "+padding) }()
}

// giveUp counts overdue messages as lost and goes on with the next in their place.
func (c *conversation) giveUp() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for key, message := range c.waiting {
		if time.Since(message.sentAt) < lostAfter {
			continue
		}
		delete(c.waiting, key)
		c.result.Lost++
		c.say(message.circle, message.sender, "")
	}
	c.finishWhenDone()
	if time.Since(c.deliveredAt) > stalledAfter {
		c.finish()
	}
}

func millisecondsSince(moment time.Time) float64 {
	return float64(time.Since(moment).Microseconds()) / 1000
}
