import { createHash } from 'node:crypto'
import type { OpenApiDocument } from '@trunkline/contract/openapi'
import { html, inline, prose } from './html.js'
import { operationSection } from './operation-section.js'
import { schemaSection } from './schema-section.js'
import { STYLE } from './style.js'

const styleHash = createHash('sha256').update(STYLE).digest('base64')

/** The page is whole in itself: it may load nothing and run nothing. */
export const docsHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
}

/** An OpenAPI document of ours as a page to read. */
export function docsPage(document: OpenApiDocument): string {
  const { info, tags, paths, components, servers } = document
  const base = servers[0]?.url.replace(/\.$|\/$/, '') ?? ''
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const ofTag = (tag: string) => operations.filter(({ operation }) => operation.tags.includes(tag))
  const schemas = Object.entries(components.schemas).filter(([name]) => !/.Problem$/.test(name))
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} API</title>
<style>${STYLE}</style>
<nav aria-label="Contents">
<h1><a href="#top">${info.title}</a> <small>${info.version}</small></h1>
${tags.map(
  ({ name }) =>
    html`<h2><a href="#tag-${name}">${name}</a></h2><ul>${ofTag(name).map(
      ({ method, path, operation }) =>
        html`<li><a href="#${operation.operationId}" title="${operation.summary}"><b class="${method}">${method}</b> ${path}</a></li>`,
    )}</ul>`,
)}
<h2><a href="#schemas">schemas</a></h2>
</nav>
<main id="top">
<header>
${prose(info.description)}
<p>Base address: <code>${base || '/'}</code>. The same for tools: <a href="openapi.json"><code>openapi.json</code></a> (OpenAPI ${document.openapi}).</p>
</header>
${tags.map(
  ({ name, description }) => html`<section id="tag-${name}" class="tag"><h2>${name}</h2><p>${inline(description)}</p>
${ofTag(name).map((each) => operationSection(each, { document, base }))}</section>`,
)}
<section id="schemas" class="tag"><h2>schemas</h2>
${schemas.map(([name, schema]) => schemaSection(name, schema))}
</section>
</main>
</html>`
  return page.text
}
