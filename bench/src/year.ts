// A year of an account's auth data, with and without the key collector, on SQLite in one run: rows and bytes by month.
// DAYS: how long it goes on (365). FIRST_CONTACTS: how many people take a pre-key on each day (12; six in ten write).
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSqliteStore } from '@trunkline/sqlite-store'
import { PATIENCE } from '../../packages/core/src/baileys/key-collection/key-collector.js'
import { AccountYear, DAY_MS, type StoredKeys } from '../../packages/core/test/support/account-year.js'

const DAYS = Number(process.env.DAYS ?? 365)
const FIRST_CONTACTS = Number(process.env.FIRST_CONTACTS ?? 12)
const DAYS_OF_A_MONTH = 30
const lateDays = PATIENCE.waitMs / DAY_MS
const traffic = { seed: 2026, firstContacts: FIRST_CONTACTS, lateDays, rotations: [200] }

interface Month {
  day: number
  kept: Record<string, StoredKeys>
  collected: Record<string, StoredKeys>
}

const folder = await mkdtemp(join(tmpdir(), 'trunkline-year-'))
const store = createSqliteStore({ path: join(folder, 'year.sqlite') })
const months: Month[] = []
try {
  await store.setup()
  const { auth } = store
  const kept = await AccountYear.link({ ...traffic, auth, sessionId: 'kept' })
  const collected = await AccountYear.link({ ...traffic, auth, sessionId: 'collected', patience: PATIENCE })
  for (let day = 1; day <= DAYS; day += 1) {
    await kept.nextDay()
    await collected.nextDay()
    const missing = await collected.missingPreKeys()
    if (missing.length > 0) throw new Error(`Day ${day}: pre-keys are gone that the server can hand out`)
    if (day % DAYS_OF_A_MONTH !== 0 && day !== DAYS) continue
    months.push({ day, kept: await kept.stored(), collected: await collected.stored() })
    console.log(`day ${day}`)
  }
  console.log('\nRows and kB of auth data: everything kept → collected')
  console.log(toTable('day', Object.fromEntries(months.map(({ day, ...month }) => [String(day), lineOf(month)]))))
  console.log('\nMessages, everything kept and collected')
  console.log(toTable('', { kept: flat(kept), collected: flat(collected) }))

  const results = fileURLToPath(new URL('../results', import.meta.url))
  await mkdir(results, { recursive: true })
  const file = `${results}/year.json`
  const outcomes = { kept: kept.outcomes, collected: collected.outcomes }
  const figures = { at: new Date().toISOString(), node: process.version, days: DAYS, traffic, months, outcomes }
  await writeFile(file, `${JSON.stringify(figures, undefined, 2)}\n`)
  console.log(`\nWritten to ${file}`)
} finally {
  await store.close()
  await rm(folder, { recursive: true, force: true })
}

function lineOf({ kept, collected }: Omit<Month, 'day'>): Record<string, string> {
  const types = ['pre-key', 'session', 'sender-key', 'sender-key-memory']
  const rows = types.map((type) => [type, `${kept[type]?.rows} → ${collected[type]?.rows}`])
  const kilobytes = (stored: Record<string, StoredKeys>) =>
    Math.round(Object.values(stored).reduce((sum, { bytes }) => sum + bytes, 0) / 1000)
  return {
    ...Object.fromEntries(rows),
    'all, kB': `${kilobytes(kept)} → ${kilobytes(collected)}`,
    'ledger, kB': String(Math.round((collected['key-ledger']?.bytes ?? 0) / 1000)),
  }
}

function toTable(name: string, rows: Record<string, Record<string, string | number>>): string {
  const columns = Object.keys(Object.values(rows)[0] ?? {})
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const lines = Object.entries(rows).map(([row, cells]) => line([row, ...columns.map((column) => cells[column] ?? '')]))
  return [line([name, ...columns]), `|---|${columns.map(() => '--:|').join('')}`, ...lines].join('\n')
}

function flat({ outcomes: { unreadable, ...outcomes } }: AccountYear): Record<string, number> {
  return { ...outcomes, 'unreadable, prompt': unreadable.prompt, 'unreadable, late': unreadable.late }
}
