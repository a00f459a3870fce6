package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
)

// message is what the processes of the bench say to each other: a JSON value a line, see src/end-to-end/peer.ts.
type message struct {
	Kind     string          `json:"kind"`
	ID       int             `json:"id"`
	Name     string          `json:"name,omitempty"`
	Argument json.RawMessage `json:"argument,omitempty"`
	Value    any             `json:"value,omitempty"`
	Message  string          `json:"message,omitempty"`
}

// peer is the process that started this one, at the other end of the channel that Node.js opens for a child.
type peer struct {
	channel *os.File
	calls   map[string]func(argument json.RawMessage) (any, error)

	mutex   sync.Mutex
	lastID  int
	waiting map[int]chan error
}

func newPeer() (*peer, error) {
	descriptor, err := strconv.Atoi(os.Getenv("NODE_CHANNEL_FD"))
	if err != nil {
		return nil, fmt.Errorf("this is a child of the bench and wants its channel: %w", err)
	}
	return &peer{channel: os.NewFile(uintptr(descriptor), "channel"), waiting: map[int]chan error{}}, nil
}

// serve answers calls until the other end is gone.
func (p *peer) serve() {
	lines := bufio.NewReader(p.channel)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var received message
		if json.Unmarshal(line, &received) != nil {
			continue
		}
		switch received.Kind {
		case "call":
			go p.answer(received)
		case "answer":
			p.settle(received.ID, nil)
		case "failure":
			p.settle(received.ID, fmt.Errorf("%s", received.Message))
		}
	}
}

// call asks the other process for something whose answer is only that it is done.
func (p *peer) call(name string, argument any) error {
	encoded, err := json.Marshal(argument)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	p.mutex.Lock()
	p.lastID++
	id := p.lastID
	p.waiting[id] = done
	p.mutex.Unlock()
	p.send(message{Kind: "call", ID: id, Name: name, Argument: encoded})
	return <-done
}

func (p *peer) answer(received message) {
	call, found := p.calls[received.Name]
	if !found {
		p.send(message{Kind: "failure", ID: received.ID, Message: "There is no " + received.Name + " here"})
		return
	}
	value, err := call(received.Argument)
	if err != nil {
		p.send(message{Kind: "failure", ID: received.ID, Message: err.Error()})
		return
	}
	p.send(message{Kind: "answer", ID: received.ID, Value: value})
}

func (p *peer) settle(id int, err error) {
	p.mutex.Lock()
	done := p.waiting[id]
	delete(p.waiting, id)
	p.mutex.Unlock()
	if done != nil {
		done <- err
	}
}

func (p *peer) send(said message) {
	line, err := json.Marshal(said)
	if err != nil {
		line, _ = json.Marshal(message{Kind: "failure", ID: said.ID, Message: err.Error()})
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	_, _ = p.channel.Write(append(line, '\n'))
}
