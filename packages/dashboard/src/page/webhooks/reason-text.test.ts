import { expect, it } from 'vitest'
import { es } from '../../react/i18n/es.js'
import { translator } from '../../react/i18n/translate.js'
import { webhookReason } from './reason-text.js'

it.each([
  ['No answer in time', 'Sin respuesta a tiempo'],
  ['No answer: ECONNREFUSED', 'Sin respuesta (ECONNREFUSED)'],
  ['It answered 500', 'It answered 500'],
])('%s is told in Spanish as %s', (reason, told) => {
  expect(webhookReason(reason, translator('es', es))).toBe(told)
})
