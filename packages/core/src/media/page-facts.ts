import { Parser } from 'htmlparser2'

/** What a page says of itself. */
export interface PageFacts {
  title?: string
  description?: string
  /** As it stands there: it may be relative. */
  image?: string
}

/** Where it is said, the better place first. */
const PLACES = {
  title: ['og:title', 'twitter:title', 'title'],
  description: ['og:description', 'twitter:description', 'description'],
  image: ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image'],
} as const satisfies Record<keyof PageFacts, readonly string[]>

const MAX_LENGTH = { title: 300, description: 1_000, image: 2_048 }

/** Reads the head of a page, or as much as there is of it. */
export function pageFacts(html: string): PageFacts {
  const said = new Map<string, string>()
  const say = (name: string, value = '') => {
    const words = value.replace(/\s+/g, ' ').trim()
    if (words && !said.has(name)) said.set(name, words)
  }
  let title: string | undefined
  const parser = new Parser({
    onopentag(name, { property, name: named, content }) {
      if (name === 'meta') say((property ?? named ?? '').toLowerCase(), content)
      if (name === 'title' && !said.has('title')) title = ''
    },
    ontext(text) {
      if (title !== undefined) title += text
    },
    onclosetag(name) {
      if (name !== 'title') return
      say('title', title)
      title = undefined
    },
  })
  parser.end(html)
  const found = Object.entries(PLACES).flatMap(([fact, places]) => {
    const value = places.map((place) => said.get(place)).find((words) => words !== undefined)
    return value === undefined ? [] : [[fact, value.slice(0, MAX_LENGTH[fact as keyof PageFacts])] as const]
  })
  return Object.fromEntries(found)
}
