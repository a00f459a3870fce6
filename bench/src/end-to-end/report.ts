import type { MessagesResult, Series, SideResult } from './series.js'
import { SIDE_NAMES, type SideName } from './side.js'

interface Row {
  title: string
  unit: string
  digits: number
  value(side: SideResult): number
  /** A ratio means something. */
  compared: boolean
}

const KILOBYTE = 1024

const ROWS: readonly Row[] = [
  ...messageRows('1:1', (side) => side.messages),
  ...messageRows('group of 5', (side) => side.groupMessages),
  {
    title: 'RSS per connected session',
    unit: 'kB',
    digits: 0,
    value: (s) => s.memory.perSession.rssBytes / KILOBYTE,
    compared: true,
  },
  {
    title: 'live memory per connected session',
    unit: 'kB',
    digits: 0,
    value: (s) => s.memory.perSession.liveBytes / KILOBYTE,
    compared: true,
  },
  {
    title: 'RSS per session after the messages',
    unit: 'kB',
    digits: 0,
    value: (s) => s.memory.perSessionAfter.rssBytes / KILOBYTE,
    compared: true,
  },
  {
    title: 'live memory per session after the messages',
    unit: 'kB',
    digits: 0,
    value: (s) => s.memory.perSessionAfter.liveBytes / KILOBYTE,
    compared: true,
  },
  {
    title: 'idle CPU per session and minute',
    unit: 'ms',
    digits: 2,
    value: (s) => s.idle.cpuMsPerSessionMinute,
    compared: true,
  },
  { title: 'linking: CPU per account', unit: 'ms', digits: 0, value: (s) => s.link.cpuMsEach, compared: true },
  { title: 'linking: time per account', unit: 'ms', digits: 0, value: (s) => s.link.wallMsEach, compared: true },
  { title: 'storm: all back after', unit: 'ms', digits: 0, value: (s) => s.storm.backMs, compared: true },
  {
    title: 'storm: median account back after',
    unit: 'ms',
    digits: 0,
    value: (s) => s.storm.accountBackMsP50,
    compared: true,
  },
  { title: 'storm: CPU per account', unit: 'ms', digits: 1, value: (s) => s.storm.cpuMsEach, compared: true },
  { title: 'storm: not back', unit: '', digits: 0, value: (s) => s.storm.missing, compared: false },
  { title: 'storm: 440s', unit: '', digits: 0, value: (s) => s.storm.replaced, compared: false },
  { title: 'storm: messages lost', unit: '', digits: 0, value: (s) => s.storm.lost, compared: false },
  { title: 'storm: messages doubled', unit: '', digits: 0, value: (s) => s.storm.doubled, compared: false },
]

function messageRows(kind: string, of: (side: SideResult) => MessagesResult): Row[] {
  const row = (title: string, unit: string, digits: number, value: (result: MessagesResult) => number) => ({
    title: `${kind}: ${title}`,
    unit,
    digits,
    value: (side: SideResult) => value(of(side)),
    compared: unit !== '',
  })
  return [
    row('CPU per message, median of rounds', 'ms', 2, ({ cpuMs }) => cpuMs),
    row('CPU per message, p50 of tenths', 'ms', 2, ({ cpuMsP50 }) => cpuMsP50),
    row('CPU per message, p95 of tenths', 'ms', 2, ({ cpuMsP95 }) => cpuMsP95),
    row('latency p50', 'ms', 0, ({ latencyMsP50 }) => latencyMsP50),
    row('latency p95', 'ms', 0, ({ latencyMsP95 }) => latencyMsP95),
    row('messages per second', '/s', 0, ({ perSecond }) => perSecond),
    row('messages lost or never sent', '', 0, ({ lost, unsent }) => lost + unsent),
    row('messages doubled', '', 0, ({ doubled }) => doubled),
  ]
}

/** The results as a Markdown table: for each number of accounts a column for each side, and Trunkline by the first other one. */
export function toTable(all: readonly Series[]): string {
  const header = [
    '',
    ...all.flatMap((series) => [...namesOf(series).map((name) => `${name} ${series.accounts}`), 'ratio']),
  ]
  const rule = header.map((_, column) => (column === 0 ? '---' : '--:'))
  const lines = ROWS.map((row) => [
    row.unit ? `${row.title} (${row.unit})` : row.title,
    ...all.flatMap((series) => cells(row, series)),
  ])
  return [header, rule, ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n')
}

function namesOf({ sides }: Series): SideName[] {
  return SIDE_NAMES.filter((name) => sides[name])
}

function cells(row: Row, series: Series): string[] {
  const { sides } = series
  const names = namesOf(series)
  const baseline = names.find((name) => name !== 'trunkline')
  const [other, trunkline] = [baseline && sides[baseline], sides.trunkline]
  const ratio = other && trunkline && row.compared ? (row.value(trunkline) / row.value(other)).toFixed(2) : ''
  return [...names.map((name) => row.value(sides[name]!).toFixed(row.digits)), ratio]
}
