import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'

/** A CPU profile of one phase, for Chrome's or VS Code's viewer. */
export class CpuProfile {
  readonly #file: string
  readonly #session = new Session()

  private constructor(file: string) {
    this.#file = file
  }

  static async start(file: string, { samplesPerSecond = 4_000 } = {}): Promise<CpuProfile> {
    const profile = new CpuProfile(file)
    profile.#session.connect()
    await profile.#session.post('Profiler.enable')
    await profile.#session.post('Profiler.setSamplingInterval', { interval: 1_000_000 / samplesPerSecond })
    await profile.#session.post('Profiler.start')
    return profile
  }

  async stop(): Promise<void> {
    const { profile } = await this.#session.post('Profiler.stop')
    this.#session.disconnect()
    await writeFile(this.#file, JSON.stringify(profile))
  }
}
