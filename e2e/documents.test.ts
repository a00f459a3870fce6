import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, posix, resolve } from 'node:path'
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

describe('.env.example', () => {
  const named = [...read('.env.example').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name as string)

  it('lies in the root, where the commands read .env, and has the variables that the tables of the server explain', () => {
    const tables = [...read('packages/server/README.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name)
    expect([...tables].sort()).toEqual([...new Set(named)].sort())
  })
})

describe('Dockerfile', () => {
  it('installs the server with every package that it needs, and no other', () => {
    const [, list = ''] = /for name in ([a-z -]+); do/.exec(read('Dockerfile')) ?? []
    const needed = new Set<string>()
    const need = (folder: string) => {
      if (needed.has(folder)) return
      needed.add(folder)
      const { dependencies = {} } = JSON.parse(read(`packages/${folder}/package.json`)) as {
        dependencies?: Record<string, string>
      }
      for (const name of Object.keys(dependencies))
        if (name.startsWith('@trunkline/')) need(name.slice('@trunkline/'.length))
    }
    need('server')
    expect(list.split(' ')).toEqual([...needed].sort())
  })

  it('runs as somebody without rights, and says whether it is well', () => {
    const [, final = ''] = read('Dockerfile').split(/^FROM .*(?<! AS build)$/m)
    expect(final).toMatch(/^USER node$/m)
    expect(final).toMatch(/^HEALTHCHECK /m)
    expect(final).toMatch(/^CMD \["node", /m)
  })

  it('keeps in its volume what .env.example places in a folder beside it', () => {
    const [, folder = ''] = /^DATA_DIR=(.+)$/m.exec(read('.env.example')) ?? []
    const workdirs = [...read('Dockerfile').matchAll(/^WORKDIR (.+)$/gm)].map(([, path]) => path as string)
    const [, volume] = /^VOLUME (.+)$/m.exec(read('Dockerfile')) ?? []
    expect(posix.resolve(workdirs.at(-1) ?? '', folder)).toBe(volume)
  })

  it('asks the server how it is: well while it answers so, and not well otherwise or without one', async () => {
    const [, json = ''] = /^HEALTHCHECK [^\n]*\n\s+CMD (\[.+\])$/m.exec(read('Dockerfile')) ?? []
    const [command = '', ...args] = JSON.parse(json) as string[]
    let status = 200
    const http = createServer((request, response) => {
      response.writeHead(request.url === '/healthz' ? status : 404).end()
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const PORT = String((http.address() as AddressInfo).port)
    const answer = async () => {
      const [code] = await once(spawn(command, args, { env: { ...process.env, PORT }, stdio: 'ignore' }), 'exit')
      return code
    }
    expect(await answer()).toBe(0)
    status = 503
    expect(await answer()).toBe(1)
    await new Promise((resolve) => http.close(resolve))
    expect(await answer()).toBe(1)
  })
})

describe('compose.yaml', () => {
  it('lets the server write to its data and to the files on their way, and nowhere else', () => {
    const [, server = ''] = /^ {2}server:\n([\s\S]*?)^ {2}mongo:/m.exec(read('compose.yaml')) ?? []
    expect(server).toMatch(/^ {4}read_only: true$/m)
    const [, volumes = ''] = /^ {4}volumes:\n((?: {6}.*\n)+)/m.exec(server) ?? []
    expect([...volumes.matchAll(/^ {6}- (\S+)$/gm)].map(([, volume]) => volume)).toEqual(['data:/data', '/tmp'])
  })

  it('takes every variable of .env, but for those that say where things are, which are others in a container', () => {
    const [, environment = ''] = /^ {4}environment:\n((?: {6}.*\n)+)/m.exec(read('compose.yaml')) ?? []
    const given = Object.fromEntries(
      [...environment.matchAll(/^ {6}([A-Z_]+): (.*)$/gm)].map(([, name, value]) => [name, value]),
    )
    const own = Object.keys(given).filter((name) => !given[name]?.startsWith(`\${${name}:?`))
    expect(own).toEqual(['MONGODB_URI', 'STORE', 'AUTH_STORAGE', 'DATA_DIR', 'HOST', 'PORT'])
    expect(read('compose.yaml')).toMatch(/^ {4}env_file:\n {6}- path: \.env$/m)
  })
})

describe('paths', () => {
  const folders = ['packages', 'examples', 'e2e', 'bench', 'scripts', 'docs', '.ci', '.changeset']
  const isPath = new RegExp(`^(?:${folders.map((name) => name.replace('.', '\\.')).join('|')})/[\\w./-]+$`)

  it.each(['README.md', 'AGENTS.md', 'CONTRIBUTING.md', 'docs/architecture.md'])('that %s names exist', (document) => {
    const named = [...read(document).matchAll(/`([^`\s]+)`/g)].map(([, text]) => text as string)
    const missing = named.filter((text) => isPath.test(text) && !text.includes('YYYY') && !existsSync(`${root}${text}`))
    expect(missing).toEqual([])
  })

  it('that docs/architecture.md draws exist', () => {
    const tree = /## Where things are\n\n```\n([\s\S]+?)```/.exec(read('docs/architecture.md'))?.[1] ?? ''
    const above: string[] = []
    const missing: string[] = []
    for (const line of tree.split('\n')) {
      const [, indent = '', names = ''] = /^( *)((?:[\w.@-]+\/?[\w./-]* ?)+?)(?: {2,}|$)/.exec(line) ?? []
      const depth = indent.length / 2
      for (const name of names.split(' ').filter((each) => each.endsWith('/') || /\.\w+$/.test(each))) {
        above.length = depth
        above[depth] = name
        const path = above.join('')
        if (!existsSync(`${root}${path}`)) missing.push(path)
      }
    }
    expect(tree).toContain('packages/core/src/')
    expect(missing).toEqual([])
  })

  it('that the rules of .dependency-cruiser.cjs name exist', () => {
    const { forbidden } = createRequire(import.meta.url)(`${root}.dependency-cruiser.cjs`) as { forbidden: unknown }
    const named = [...JSON.stringify(forbidden).matchAll(/"\^(packages\/[\w/-]+\/)"/g)].map(
      ([, path]) => path as string,
    )
    expect(named).toContain('packages/core/src/session/')
    expect([...new Set(named)].filter((path) => !existsSync(`${root}${path}`))).toEqual([])
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
