import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HTTP_STATUS } from '@trunkline/contract'
import { ERROR_CODES, ERRORS } from '@trunkline/core'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8')

describe('docs/errors.md', () => {
  const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (yes|no) \| (.+) \|$/gm)].map(
    ([, code, status, again, advice]) => ({ code, status: Number(status), retryable: again === 'yes', advice }),
  )

  it('has one row for every error code, and no other', () => {
    expect(rows.map(({ code }) => code).sort()).toEqual([...ERROR_CODES].sort())
  })

  it.each(ERROR_CODES)('says of %s what the code says', (code) => {
    expect(rows.find((row) => row.code === code)).toMatchObject({
      status: HTTP_STATUS[code],
      retryable: ERRORS[code].retryable,
    })
  })
})

describe('README.md', () => {
  const readme = read('README.md')

  it('names every package in its table', () => {
    const named = [...readme.matchAll(/^\| \[`(@trunkline\/[a-z-]+)`\]\(packages\/([a-z-]+)\)/gm)]
    expect(named.map(([, , folder]) => folder).sort()).toEqual(readdirSync(`${root}packages`).sort())
    for (const [, name, folder] of named) expect(name).toBe(`@trunkline/${folder}`)
  })
})

describe('links between documents', () => {
  const documents = [
    ...['README.md', 'AGENTS.md', 'CLAUDE.md', 'CONTRIBUTING.md', 'SECURITY.md'],
    ...readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ]

  it.each(documents)('%s points to files that exist', (document) => {
    const targets = [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target]) => target)
    const missing = targets.filter((target) => !existsSync(resolve(dirname(`${root}${document}`), target as string)))
    expect(missing).toEqual([])
  })
})
