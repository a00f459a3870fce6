import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** A file of the built page, as it is sent. */
export interface PageFile {
  contentType: string
  bytes: Buffer
  /** Left out where it would not be smaller. */
  gzipped?: Buffer
}

/** What the build of the page wrote, read once. What is not in it cannot be asked for. */
export interface PageFiles {
  index: string
  /** By name below `assets/`. */
  assets: ReadonlyMap<string, PageFile>
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
}

/** `undefined` when the page was not built. */
export function readPageFiles(folder: string): PageFiles | undefined {
  const indexPath = join(folder, 'index.html')
  if (!existsSync(indexPath)) return undefined
  const names = readdirSync(join(folder, 'assets'))
  return {
    index: readFileSync(indexPath, 'utf8'),
    assets: new Map(names.map((name) => [name, readPageFile(join(folder, 'assets', name))])),
  }
}

function readPageFile(path: string): PageFile {
  const bytes = readFileSync(path)
  const contentType = CONTENT_TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  const gzipped = gzipSync(bytes, { level: 9 })
  return gzipped.length < bytes.length ? { contentType, bytes, gzipped } : { contentType, bytes }
}
