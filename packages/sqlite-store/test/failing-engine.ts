import { type Engine, type EngineKind, openEngine } from '../src/engine.js'

/** An engine that carries out `writes` more writes and then fails everything, as if the disk had gone. */
export async function openFailingEngine(
  path: string,
  kind: EngineKind,
  writes: number,
): Promise<Engine & { arm(): void }> {
  const engine = await openEngine(path, kind)
  let left = Number.POSITIVE_INFINITY
  const check = () => {
    if (left <= 0) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
  }
  const checked =
    <Parameters extends unknown[], Result>(method: (...parameters: Parameters) => Result) =>
    (...parameters: Parameters) => {
      check()
      return method(...parameters)
    }
  return {
    kind: engine.kind,
    arm: () => {
      left = writes
    },
    all: checked(engine.all) as Engine['all'],
    get: checked(engine.get) as Engine['get'],
    exec: checked(engine.exec),
    transaction: (work) => {
      check()
      return engine.transaction(() => {
        const result = work()
        check()
        return result
      })
    },
    run: checked((sql, ...parameters) => {
      left -= 1
      return engine.run(sql, ...parameters)
    }),
    close: engine.close,
  }
}
