/** A piece of HTML that is safe to be shown. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | undefined | readonly Part[]

/** HTML with its values escaped; pieces of HTML stay what they are. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(texts.map((text, index) => text + textOf(parts[index])).join(''))
}

/** Text with `code`, **bold** and paragraphs or lists: what descriptions are written in. */
export function prose(text: string): Html {
  const blocks = text.trim().split(/\n\s*\n/)
  return html`${blocks.map((block) => (block.startsWith('- ') ? list(block) : html`<p>${inline(block)}</p>`))}`
}

/** The same in one line. */
export function inline(text: string): Html {
  return new Html(
    escaped(text)
      .replace(/`([^`]+)`/g, '<code>$1</code>')
      .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>'),
  )
}

function list(block: string): Html {
  return html`<ul>${block
    .split(/\n?^- /m)
    .filter(Boolean)
    .map((item) => html`<li>${inline(item)}</li>`)}</ul>`
}

function textOf(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(textOf).join('')
  return escaped(String(part))
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
