import { useVirtualizer } from '@tanstack/react-virtual'
import { Activity, Download, Pause, Play, Search } from 'lucide-react'
import { useDeferredValue, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useTrunkline } from '../../react/provider.js'
import { Button } from '../../react/ui/button.js'
import { CopyButton } from '../../react/ui/copy-button.js'
import { Dialog } from '../../react/ui/dialog.js'
import { Empty } from '../../react/ui/empty.js'
import { PageHead } from '../shell/page-head.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { EVENT_NAMES, EventLog, type HeardEvent } from './event-log.js'

const ROW_PX = 40

/** What happens, as it happens. */
export function EventsPage() {
  const { client } = useTrunkline()
  const t = useAdminTexts()
  const log = useMemo(() => new EventLog(client), [client])
  const { events, waiting, paused } = useSyncExternalStore(log.subscribe, log.snapshot)
  const [search, setSearch] = useState('')
  const [kind, setKind] = useState('')
  const [open, setOpen] = useState<HeardEvent>()
  const wanted = useDeferredValue(search.trim().toLowerCase())
  const shown = useMemo(
    () =>
      events.filter(
        ({ name, text }) => (kind === '' || name === kind) && (name.includes(wanted) || text.includes(wanted)),
      ),
    [events, kind, wanted],
  )
  return (
    <div className="page page-full">
      <PageHead title={t('events.title')} lead={t('events.lead')}>
        <Button icon={paused ? Play : Pause} onClick={paused ? log.resume : log.pause}>
          {t(paused ? 'events.resume' : 'events.pause')}
        </Button>
        <Button disabled={events.length === 0} onClick={log.clear}>
          {t('events.clear')}
        </Button>
        <Button icon={Download} disabled={shown.length === 0} onClick={() => download(shown)}>
          {t('events.download')}
        </Button>
      </PageHead>
      <div className="toolbar">
        <label className="search">
          <Search size={16} aria-hidden />
          <input
            type="search"
            className="tl-input"
            aria-label={t('events.filter')}
            placeholder={t('events.filter')}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
        <select
          className="tl-input tl-select narrow"
          aria-label={t('events.kind')}
          value={kind}
          onChange={(event) => setKind(event.target.value)}
        >
          <option value="">{t('events.kind.all')}</option>
          {EVENT_NAMES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <span className="soft toolbar-end" role="status">
          {paused ? t('events.paused', { count: waiting }) : t('events.count', { count: shown.length })}
        </span>
      </div>
      <div className="card card-fill">
        {shown.length === 0 ? (
          <Empty icon={Activity} title={t('events.waiting')} lead={t('events.waitingLead')} />
        ) : (
          <Rows events={shown} onOpen={setOpen} />
        )}
      </div>
      {open ? (
        <Dialog
          wide
          title={t('events.details', { name: open.name, session: open.sessionId })}
          onClose={() => setOpen(undefined)}
          actions={<CopyButton text={json(open)} />}
        >
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
          <pre className="json" tabIndex={0}>
            {json(open)}
          </pre>
        </Dialog>
      ) : null}
    </div>
  )
}

function Rows({ events, onOpen }: { events: readonly HeardEvent[]; onOpen(event: HeardEvent): void }) {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => events[at]?.number ?? at,
    overscan: 8,
  })
  return (
    <div ref={scroller} className="tl-list">
      <ol className="tl-list-inside" aria-label={t('events.title')} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const event = events[index]
          if (!event) return null
          return (
            <li key={key} className="tl-list-row" style={{ height: ROW_PX, transform: `translateY(${start}px)` }}>
              <button type="button" className="event" onClick={() => onOpen(event)}>
                <time dateTime={event.at}>{format.exactClock(event.at)}</time>
                <code className={`event-name event-${event.name.split(/[.-]/)[0]}`}>{event.name}</code>
                <span className="event-session">{event.sessionId}</span>
                <span className="event-text">{summaryOf(event)}</span>
              </button>
            </li>
          )
        })}
      </ol>
    </div>
  )
}

function summaryOf({ payload }: HeardEvent): string {
  const { status, message, chatId, health } = payload as {
    status?: string
    health?: string
    chatId?: string
    message?: { text?: string; type?: string; chatId?: string }
  }
  return [status ?? health, message?.chatId ?? chatId, message?.text ?? message?.type].filter(Boolean).join(' · ')
}

function json({ name, payload }: HeardEvent): string {
  return JSON.stringify({ name, event: payload }, null, 2)
}

/** One event a line, as programs read them. */
function download(events: readonly HeardEvent[]): void {
  const lines = events.map(({ name, payload }) => JSON.stringify({ name, event: payload }))
  const url = URL.createObjectURL(new Blob([`${lines.join('\n')}\n`], { type: 'application/x-ndjson' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'trunkline-events.ndjson'
  link.click()
  URL.revokeObjectURL(url)
}
