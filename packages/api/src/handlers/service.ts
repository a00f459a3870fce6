import packageJson from '../../package.json' with { type: 'json' }
import type { Handler } from '../handler.js'

export const version: Handler<'version'> = async () => ({
  status: 200,
  body: { name: 'trunkline', version: packageJson.version },
})
