import type { Series, SideResult } from './series.js'

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
  { title: 'CPU per message, median of rounds', unit: 'ms', digits: 2, value: (s) => s.messages.cpuMs, compared: true },
  { title: 'CPU per message, p50 of tenths', unit: 'ms', digits: 2, value: (s) => s.messages.cpuMsP50, compared: true },
  { title: 'CPU per message, p95 of tenths', unit: 'ms', digits: 2, value: (s) => s.messages.cpuMsP95, compared: true },
  { title: 'latency p50', unit: 'ms', digits: 0, value: (s) => s.messages.latencyMsP50, compared: true },
  { title: 'latency p95', unit: 'ms', digits: 0, value: (s) => s.messages.latencyMsP95, compared: true },
  { title: 'messages per second', unit: '/s', digits: 0, value: (s) => s.messages.perSecond, compared: true },
  { title: 'messages lost', unit: '', digits: 0, value: (s) => s.messages.lost, compared: false },
  {
    title: 'messages not sent, as nothing arrived',
    unit: '',
    digits: 0,
    value: (s) => s.messages.unsent,
    compared: false,
  },
  { title: 'messages doubled', unit: '', digits: 0, value: (s) => s.messages.doubled, compared: false },
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

/** The results as a table, one column for each side and number of accounts. */
export function toTable(all: readonly Series[]): string {
  const header = ['', ...all.flatMap(({ accounts }) => [`bare ${accounts}`, `trunkline ${accounts}`, 'ratio'])]
  const lines = ROWS.map((row) => [
    row.unit ? `${row.title} (${row.unit})` : row.title,
    ...all.flatMap((series) => cells(row, series)),
  ])
  const widths = header.map((_, column) => Math.max(...[header, ...lines].map((line) => (line[column] ?? '').length)))
  const format = (line: string[]) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')
  return [header, ...lines].map(format).join('\n')
}

function cells(row: Row, { sides: { bare, trunkline } }: Series): string[] {
  const show = (side: SideResult | undefined) => (side ? row.value(side).toFixed(row.digits) : '–')
  const ratio = bare && trunkline && row.compared ? (row.value(trunkline) / row.value(bare)).toFixed(2) : ''
  return [show(bare), show(trunkline), ratio]
}
