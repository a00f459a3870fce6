import { expect, it } from 'vitest'
import { html, inline, prose } from './html.js'

it('shows signs as they are, whatever they would mean in HTML', () => {
  expect(html`<b title="${'"<&>'}">${'<script>'}</b>`.text).toBe('<b title="&#34;&#60;&#38;&#62;">&#60;script&#62;</b>')
  expect(html`${[html`<i>`, '<i>', undefined, 1]}`.text).toBe('<i>&#60;i&#62;1')
  expect(inline('`<b>` and **bold**').text).toBe('<code>&#60;b&#62;</code> and <b>bold</b>')
})

it('makes paragraphs and lists of descriptions', () => {
  expect(prose('One.\n\n- a\n- b\n  goes on').text).toBe('<p>One.</p><ul><li>a</li><li>b\n  goes on</li></ul>')
})
