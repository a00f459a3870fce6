import type { Figures } from './workload.js'

export interface SideFigures {
  name: string
  durable: boolean
  figures: Figures
}

/** One row for each operation, one column for each store, as Markdown. */
export function toTable(sides: readonly SideFigures[]): string {
  const operations = [...new Set(sides.flatMap(({ figures }) => Object.keys(figures)))]
  const header = ['', ...sides.map(({ name, durable }) => (durable ? name : `${name} – not durable`))]
  const rule = header.map((_, column) => (column === 0 ? '---' : '--:'))
  const rows = operations.map((operation) => [operation, ...sides.map(({ figures }) => show(figures[operation]))])
  return [header, rule, ...rows].map((line) => `| ${line.join(' | ')} |`).join('\n')
}

function show(figure: Figures[string] | undefined): string {
  if (!figure) return '–'
  const { value, unit, roundTrips } = figure
  const digits = unit === 'bytes' || value >= 100 ? 0 : value >= 10 ? 1 : 2
  const trips = roundTrips === undefined ? '' : ` (${Number(roundTrips.toFixed(1))})`
  return `${value.toFixed(digits)}${unit === 'bytes' ? ' bytes' : unit === 'ratio' ? ' ×' : ' ms'}${trips}`
}
