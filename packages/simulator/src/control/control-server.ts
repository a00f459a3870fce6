import type { Simulator } from '../simulator.js'

export interface ControlServer {
  url: string
  close(): Promise<void>
}

export async function startControlServer(_simulator: Simulator, _port: number): Promise<ControlServer> {
  return { url: 'http://127.0.0.1:0', close: async () => undefined }
}
