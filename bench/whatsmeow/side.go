package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	_ "github.com/mattn/go-sqlite3"
	"go.mau.fi/libsignal/logger"
	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

type sideOptions struct {
	URL           string `json:"url"`
	RootPublicKey string `json:"rootPublicKey"`
	Store         string `json:"store"`
}

type listener interface {
	connected(account string)
	disconnected(account string)
	received(account, chat, text string)
}

// side is whatsmeow as the servers built on it run it: one SQLite file for all accounts, a client for each, its own reconnects.
type side struct {
	container *sqlstore.Container
	http      *http.Client
	folder    string
	listener  listener

	mutex   sync.RWMutex
	clients map[string]*whatsmeow.Client
}

func newSide(options sideOptions, listener listener) (*side, error) {
	var silent logger.Loggable = quiet{}
	logger.Setup(&silent)
	key, err := hex.DecodeString(options.RootPublicKey)
	if err != nil {
		return nil, err
	}
	copy(whatsmeow.WACertPubKey[:], key)
	client, err := onlyTo(options.URL)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "trunkline-bench-")
	if err != nil {
		return nil, err
	}
	container, err := sqlstore.New(context.Background(), "sqlite3", addressOf(options.Store, folder), nil)
	if err != nil {
		return nil, err
	}
	return &side{
		container: container, http: client, folder: folder, listener: listener, clients: map[string]*whatsmeow.Client{},
	}, nil
}

// quiet takes what libsignal prints of each message that it cannot read, and with it what printing costs.
type quiet struct{}

func (quiet) Debug(string, string)   {}
func (quiet) Info(string, string)    {}
func (quiet) Warning(string, string) {}
func (quiet) Error(string, string)   {}
func (quiet) Configure(string)       {}

// addressOf: a file that is on the disk after each commit, as Trunkline's is, or SQLite's own memory.
func addressOf(store, folder string) string {
	const both = "?_foreign_keys=on&_busy_timeout=30000&_txlock=immediate"
	if store == "memory" {
		return "file:bench" + both + "&mode=memory&cache=shared"
	}
	return "file:" + filepath.Join(folder, "whatsmeow.db") + both + "&_journal_mode=WAL&_synchronous=FULL"
}

// onlyTo is a client whose every connection, whatever it asks for, goes to the simulator: nothing leaves the machine.
func onlyTo(address string) (*http.Client, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(target.Hostname()); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is not on this machine", target.Host)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", target.Host)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, DialTLSContext: dial}}, nil
}

// link links an account and returns when it is connected.
func (s *side) link(account string, scanQR func(code string) error) error {
	client := whatsmeow.NewClient(s.container.NewDevice(), nil)
	client.SetWebsocketHTTPClient(s.http)
	client.SetPreLoginHTTPClient(s.http)
	client.SetMediaHTTPClient(s.http)
	connected := make(chan struct{})
	var once sync.Once
	client.AddEventHandler(func(event any) {
		switch event := event.(type) {
		case *events.Connected:
			once.Do(func() { close(connected) })
			s.listener.connected(account)
		case *events.Disconnected:
			s.listener.disconnected(account)
		case *events.Message:
			text := event.Message.GetConversation()
			if text == "" {
				text = event.Message.GetExtendedTextMessage().GetText()
			}
			if text != "" && !event.Info.IsFromMe {
				s.listener.received(account, event.Info.Chat.String(), text)
			}
		}
	})
	s.mutex.Lock()
	s.clients[account] = client
	s.mutex.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	codes, err := client.GetQRChannel(ctx)
	if err != nil {
		return err
	}
	if err := client.Connect(); err != nil {
		return err
	}
	for item := range codes {
		switch item.Event {
		case whatsmeow.QRChannelEventCode:
			if err := scanQR(item.Code); err != nil {
				return err
			}
		case "success":
		default:
			return fmt.Errorf("%s was not linked: %s %w", account, item.Event, item.Error)
		}
	}
	<-connected
	return nil
}

// send sends a text to a number, or to the chat that a message came from.
func (s *side) send(account, to, text string) error {
	s.mutex.RLock()
	client := s.clients[account]
	s.mutex.RUnlock()
	chat := types.NewJID(to, types.DefaultUserServer)
	if strings.Contains(to, "@") {
		parsed, err := types.ParseJID(to)
		if err != nil {
			return err
		}
		chat = parsed
	}
	_, err := client.SendMessage(context.Background(), chat, &waE2E.Message{Conversation: &text})
	return err
}

func (s *side) close() {
	for _, client := range s.clients {
		client.Disconnect()
	}
	_ = s.container.Close()
	_ = os.RemoveAll(s.folder)
}
