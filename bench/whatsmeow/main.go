// The side of whatsmeow in the end-to-end bench: a child process that speaks as src/end-to-end/side-child.ts does.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	linksAtATime = 4
	linkPatience = 2 * time.Minute
	settle       = 15 * time.Second
)

type child struct {
	parent       *peer
	side         *side
	conversation *conversation
	storm        atomic.Pointer[stormWatch]
	accounts     int
}

func (c *child) connected(account string) {
	if storm := c.storm.Load(); storm != nil {
		storm.connected(account)
	}
}

func (c *child) disconnected(account string) {
	if storm := c.storm.Load(); storm != nil {
		storm.disconnected(account)
	}
}

func (c *child) received(account, chat, text string) {
	if storm := c.storm.Load(); storm != nil {
		storm.received(account, text)
		return
	}
	c.conversation.received(account, chat, text)
}

type started struct {
	Node   string `json:"node"`
	Memory memory `json:"memory"`
}

func (c *child) start(argument struct {
	Options sideOptions `json:"options"`
}) (any, error) {
	side, err := newSide(argument.Options, c)
	if err != nil {
		return nil, err
	}
	c.side = side
	c.conversation = newConversation(side.send)
	return started{Node: runtime.Version(), Memory: memoryNow()}, nil
}

type linked struct {
	WallMs float64 `json:"wallMs"`
	CPUMs  float64 `json:"cpuMs"`
}

func (c *child) link(argument struct {
	Numbers []string `json:"numbers"`
}) (any, error) {
	startedAt, cpuBefore := time.Now(), cpuMs()
	queue := make(chan string, len(argument.Numbers))
	for _, number := range argument.Numbers {
		queue <- number
	}
	close(queue)
	failures := make(chan error, len(argument.Numbers))
	var workers sync.WaitGroup
	for range linksAtATime {
		workers.Go(func() {
			for number := range queue {
				failures <- c.linkOne(number)
			}
		})
	}
	workers.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return nil, err
		}
	}
	c.accounts += len(argument.Numbers)
	return linked{WallMs: millisecondsSince(startedAt), CPUMs: cpuMs() - cpuBefore}, nil
}

func (c *child) linkOne(number string) error {
	done := make(chan error, 1)
	go func() {
		done <- c.side.link(number, func(code string) error {
			return c.parent.call("scanQr", map[string]string{"number": number, "qr": code})
		})
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(linkPatience):
		return fmt.Errorf("account %s was not linked within %s", number, linkPatience)
	}
}

type idleResult struct {
	WindowsCPUMs   []float64 `json:"windowsCpuMs"`
	RecurringCPUMs float64   `json:"recurringCpuMs"`
}

func (c *child) idle(argument struct {
	Windows  int `json:"windows"`
	WindowMs int `json:"windowMs"`
}) (any, error) {
	memoryNow()
	time.Sleep(settle)
	result := idleResult{WindowsCPUMs: []float64{}}
	for range argument.Windows {
		before := cpuMs()
		time.Sleep(time.Duration(argument.WindowMs) * time.Millisecond)
		result.WindowsCPUMs = append(result.WindowsCPUMs, cpuMs()-before)
	}
	return result, nil
}

func (c *child) talk(options conversationOptions) (any, error) {
	return c.conversation.talk(options), nil
}

func (c *child) stormResult(argument struct {
	Expected []expectedMessage `json:"expected"`
}) (any, error) {
	storm := c.storm.Load()
	if storm == nil {
		return nil, fmt.Errorf("there was no storm")
	}
	result := storm.outcome(argument.Expected)
	c.storm.Store(nil)
	return result, nil
}

// taking turns the argument of a call into what its function takes.
func taking[Argument any](call func(Argument) (any, error)) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		var argument Argument
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &argument); err != nil {
				return nil, err
			}
		}
		return call(argument)
	}
}

func main() {
	parent, err := newPeer()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	c := &child{parent: parent}
	parent.calls = map[string]func(json.RawMessage) (any, error){
		"start":       taking(c.start),
		"link":        taking(c.link),
		"idle":        taking(c.idle),
		"talk":        taking(c.talk),
		"stormResult": taking(c.stormResult),
		"memory":      func(json.RawMessage) (any, error) { return memoryNow(), nil },
		"watchStorm": func(json.RawMessage) (any, error) {
			c.storm.Store(newStormWatch(c.accounts))
			return nil, nil
		},
		"close": func(json.RawMessage) (any, error) {
			c.side.close()
			return nil, nil
		},
	}
	parent.serve()
}
