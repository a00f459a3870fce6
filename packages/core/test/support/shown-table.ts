import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'

/** A table of docs/compatibility.md, of which the tests of a file show each cell. */
export class ShownTable {
  readonly #heading: string
  readonly #rows: readonly string[]
  readonly #columns: readonly string[]
  readonly #cells = new Map<string, string>()

  constructor(heading: string, { rows, columns }: { rows: readonly string[]; columns: readonly string[] }) {
    this.#heading = heading
    this.#rows = rows
    this.#columns = columns
  }

  /** A test has seen it; or that WhatsApp has no such thing. */
  show(row: string, column: string, cell: 'yes' | '–' = 'yes'): void {
    this.#cells.set(`${row}|${column}`, cell)
  }

  /** Whether every test has run, and none has failed before it was shown. */
  get isWhole(): boolean {
    return this.#cells.size === this.#rows.length * this.#columns.length
  }

  toString(): string {
    const cellsOf = (row: string) => this.#columns.map((column) => this.#cells.get(`${row}|${column}`) ?? '')
    const lines = [
      ['', ...this.#columns],
      ['---', ...this.#columns.map(() => '---')],
      ...this.#rows.map((row) => [row, ...cellsOf(row)]),
    ]
    return `### ${this.#heading}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`.replace('|  |', '| |')).join('\n')}\n`
  }
}

/** Holds the document against what was shown, or writes it. Some of the tests alone show nothing. */
export async function keepTables(tables: readonly ShownTable[]): Promise<void> {
  if (!tables.every(({ isWhole }) => isWhole)) return
  const path = new URL('../../../../docs/compatibility.md', import.meta.url)
  const document = await readFile(path, 'utf8')
  const [begin, end] = ['<!-- both ways: begin -->\n', '<!-- both ways: end -->']
  const [before = '', rest = ''] = document.split(begin)
  const right = `${before}${begin}${tables.join('\n')}${end}${rest.split(end)[1]}`
  if (process.env.UPDATE_DOCUMENTS) await writeFile(path, right)
  else expect(document, 'run this test with UPDATE_DOCUMENTS=1').toBe(right)
}
