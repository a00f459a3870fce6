import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Phone } from '@trunkline/simulator'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const run = promisify(execFile)
const BEN = '15550000002'

/** The other tests have programs that are called as ffmpeg is; here it is the real one. */
const missing = await Promise.all([run('ffmpeg', ['-version']), run('ffprobe', ['-version'])]).then(
  () => undefined,
  () => 'ffmpeg and ffprobe are not on the PATH',
)
if (missing && process.env.REQUIRE_FFMPEG) throw new Error(missing)

describe.skipIf(missing)(`with the real ffmpeg${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let live: Live
  let trunk: LiveManager
  let ben: Phone
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'real-ffmpeg-'))
    live = await Live.start('ffmpeg')
    const ana = await live.phone('15550000001', 'Ana')
    ben = await live.phone(BEN, 'Ben')
    trunk = live.manager()
    await trunk.link('s', ana)
  })

  afterAll(async () => {
    await live[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const messages = () => trunk.manager.session('s').messages

  /** A file that ffmpeg makes of one of its own test sources. */
  async function made(name: string, source: string, ...output: string[]): Promise<Buffer> {
    const path = join(folder, name)
    await run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', '-f', 'lavfi', '-i', source, ...output, path])
    return readFile(path)
  }

  async function probed(bytes: Buffer): Promise<{ codec_name: string; channels?: number; sample_rate?: string }> {
    const path = join(folder, 'probed')
    await writeFile(path, bytes)
    const { stdout } = await run('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', path])
    return JSON.parse(stdout).streams[0]
  }

  it.each([
    ['MP3', 'a.mp3', 'audio/mpeg'],
    ['AAC', 'a.m4a', 'audio/mp4'],
    ['WAV', 'a.wav', 'audio/wav'],
  ])('a voice note is made of %s, with its duration and bars', async (_, name, mimetype) => {
    const data = await made(name, 'sine=frequency=440:duration=2')
    const sent = await messages().send({ to: BEN, type: 'voice', media: { data, mimetype } })
    expect(sent.media).toMatchObject({ seconds: 2, mimetype: 'audio/ogg; codecs=opus' })
    expect(sent.media?.waveform).toHaveLength(64)
    expect(Math.max(...(sent.media?.waveform ?? []))).toBe(100)
    await ben.waitForMessage({ id: sent.id })
    expect(await probed(await ben.fileOf(sent.id))).toMatchObject({ codec_name: 'opus', channels: 1 })
  })

  it('a film has its size, its duration and its first picture', async () => {
    const data = await made('a.mp4', 'testsrc=size=320x240:rate=10:duration=3', '-pix_fmt', 'yuv420p')
    const { id, media } = await messages().send({ to: BEN, type: 'video', media: { data, mimetype: 'video/mp4' } })
    expect(media).toMatchObject({ width: 320, height: 240, seconds: 3 })
    const { message } = await ben.waitForMessage({ id })
    const picture = await sharp(message.videoMessage?.jpegThumbnail ?? undefined).metadata()
    expect(picture).toMatchObject({ format: 'jpeg', width: 72, height: 54 })
    expect((await ben.fileOf(id)).equals(data)).toBe(true)
  })

  it('sound has its duration', async () => {
    const data = await made('b.mp3', 'sine=frequency=440:duration=2')
    const { media } = await messages().send({ to: BEN, type: 'audio', media: { data, mimetype: 'audio/mpeg' } })
    expect(media?.seconds).toBe(2)
  })

  it('what is no sound, or a list that names files of this machine, is refused with the reason', async () => {
    const secret = join(folder, 'secret.wav')
    await writeFile(secret, await made('c.wav', 'sine=frequency=440:duration=1'))
    const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${secret}\n#EXT-X-ENDLIST\n`
    for (const text of ['no sound at all', playlist, `ffconcat version 1.0\nfile '${secret}'\n`]) {
      const media = { data: Buffer.from(text), mimetype: 'audio/mpeg' }
      await expect(messages().send({ to: BEN, type: 'voice', media })).rejects.toMatchObject({
        code: 'UNSUPPORTED_MEDIA_TYPE',
        message: expect.stringContaining('ffmpeg cannot make a voice note of this file'),
      })
    }
  })
})
