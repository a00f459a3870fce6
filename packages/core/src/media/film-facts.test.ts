import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { factsIn, filmFacts } from './film-facts.js'

const told = (stream: object, duration?: string) => JSON.stringify({ streams: [stream], format: { duration } })

it.each([
  ['a film', told({ width: 640, height: 360 }, '7.5'), { width: 640, height: 360, seconds: 7.5 }],
  [
    'one that was filmed upright',
    told({ width: 640, height: 360, side_data_list: [{ rotation: -90 }] }, '1'),
    { width: 360, height: 640, seconds: 1 },
  ],
  [
    'the same by an older ffprobe',
    told({ width: 640, height: 360, tags: { rotate: '270' } }, '1'),
    { width: 360, height: 640, seconds: 1 },
  ],
  [
    'one on its head',
    told({ width: 640, height: 360, side_data_list: [{ rotation: 180 }] }),
    { width: 640, height: 360 },
  ],
  ['sound', '{"streams":[],"format":{"duration":"3.2"}}', { seconds: 3.2 }],
  ['no size', told({ width: 0, height: 360 }, 'N/A'), {}],
  ['no duration', told({ width: 4, height: 3 }, '-1'), { width: 4, height: 3 }],
  ['nothing', '{}', {}],
  ['null', 'null', {}],
  ['no JSON', 'moov atom not found', {}],
])('of what ffprobe tells of %s only what can be true is taken', (_, json, facts) => {
  expect(factsIn(json)).toEqual(facts)
})

describe('facts of a film', () => {
  const path = process.env.PATH
  const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xd9])
  let folder: string
  let film: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'film-'))
    film = join(folder, 'film.mp4')
    await writeFile(film, 'a film')
    process.env.PATH = folder
  })
  afterEach(async () => {
    process.env.PATH = path
    await rm(folder, { recursive: true })
  })

  /** Called as the real ones are. */
  async function program(name: string, body: string) {
    await writeFile(join(folder, name), `#!${process.execPath}\n${body}\n`)
    await chmod(join(folder, name), 0o755)
  }
  const probe = () => program('ffprobe', `console.log(${JSON.stringify(told({ width: 8, height: 4 }, '2'))})`)
  const frame = (bytes: Buffer) =>
    program(
      'ffmpeg',
      `require('fs').writeFileSync(process.argv.at(-1), Buffer.from('${bytes.toString('hex')}', 'hex'))`,
    )
  const facts = (signal?: AbortSignal) => filmFacts(film, { folder, signal })

  it('are left out where nobody can tell them', async () => expect(await facts()).toEqual({}))

  it('are size, duration and the first picture', async () => {
    await probe()
    expect(await facts()).toEqual({ width: 8, height: 4, seconds: 2 })
    await frame(JPEG)
    expect(await facts()).toEqual({ width: 8, height: 4, seconds: 2, thumbnail: Uint8Array.from(JPEG) })
  })

  it('have no picture that is none, or too large', async () => {
    await probe()
    await frame(Buffer.from('no picture'))
    expect(await facts()).not.toHaveProperty('thumbnail')
    await frame(Buffer.concat([JPEG, Buffer.alloc(16 * 1024)]))
    expect(await facts()).not.toHaveProperty('thumbnail')
  })

  it('are left out when the film cannot be read, and given up with the request', async () => {
    await program('ffprobe', 'process.exit(1)')
    expect(await facts()).toEqual({})
    await program('ffprobe', 'setInterval(() => {}, 1000)')
    const gone = new AbortController()
    const looking = facts(gone.signal)
    gone.abort()
    await expect(looking).rejects.toMatchObject({ code: 'OPERATION_ABORTED' })
  })
})
