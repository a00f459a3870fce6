import type { Area } from '@trunkline/contract'
import { openApiDocument } from '@trunkline/contract/openapi'
import { ERRORS } from '@trunkline/core'
import packageJson from '../../package.json' with { type: 'json' }
import { docsHeaders, docsPage } from '../docs/docs-page.js'
import type { Handler } from '../handler.js'

const { version } = packageJson

type ServiceRoute = 'version' | 'openApi' | 'docs'

/** `areas`: what is served, and so what the document tells of. */
export function serviceHandlers(areas: () => Record<string, Area>): { [Name in ServiceRoute]: Handler<Name> } {
  // Made when somebody asks, and kept: it does not change while the process runs.
  const documents = lastOf((basePath: string | undefined) =>
    openApiDocument({ areas: areas(), version, basePath, errors: ERRORS }),
  )
  const pages = lastOf((basePath: string | undefined) => docsPage(documents(basePath)))
  return {
    version: async () => ({ status: 200, body: { name: 'trunkline', version } }),
    openApi: async ({ basePath }) => ({ status: 200, body: documents(basePath) }),
    docs: async ({ basePath }) => ({ status: 200, content: pages(basePath), headers: docsHeaders }),
  }
}

/** Keeps what was made last: a process serves its interface in one place, and hosts of several lose nothing but time. */
function lastOf<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  let last: { key: Key; value: Value } | undefined
  return (key) => {
    if (last?.key !== key || !last) last = { key, value: make(key) }
    return last.value
  }
}
