import { describe, expect, it } from 'vitest'
import { firstLink } from './link-previews.js'
import { pageFacts } from './page-facts.js'

describe('what a page says of itself', () => {
  it.each([
    [
      'in the words of Open Graph before all others',
      `<title>plain</title><meta name="description" content="plain words">
       <meta property="og:title" content="Tea &amp; cake"><meta property="og:description" content="Every&#10;day">
       <meta property="og:image" content="/tea.png">`,
      { title: 'Tea & cake', description: 'Every day', image: '/tea.png' },
    ],
    ['by its title alone', '<html><head><TITLE> A\n page </TITLE></head>', { title: 'A page' }],
    ['in a head that never ends', '<head><meta property="og:title" content="Cut"><meta proper', { title: 'Cut' }],
    [
      'in the first of two places',
      '<meta property=og:title content=one><meta property=og:title content=two>',
      { title: 'one' },
    ],
    ['not in the title of a drawing', '<title>Page</title><svg><title>Arrow</title></svg>', { title: 'Page' }],
    ['not at all', '<p>hello', {}],
  ])('%s', (_, html, facts) => {
    expect(pageFacts(html)).toEqual(facts)
  })

  it('is no longer than a phone shows', () => {
    const { title = '', description = '' } = pageFacts(
      `<title>${'a'.repeat(9_000)}</title><meta name=description content="${'b'.repeat(9_000)}">`,
    )
    expect([title.length, description.length]).toEqual([300, 1_000])
  })
})

describe('the first link of a text', () => {
  it.each([
    ['see https://a.example/b?c=d#e.', 'https://a.example/b?c=d#e'],
    ['(https://a.example/b)', 'https://a.example/b'],
    ['https://a.example/b_(c)', 'https://a.example/b_(c)'],
    ['HTTP://A.example then https://b.example', 'HTTP://A.example'],
    ['*https://a.example*', 'https://a.example'],
    ['a.example', undefined],
    ['file:///etc/passwd', undefined],
    ['javascript:alert(1)', undefined],
  ])('of %j is %j', (text, link) => {
    expect(firstLink(text)).toBe(link)
  })
})
