import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SETTINGS_OF } from './settings-of.js'

it('names variables that the server knows', () => {
  const example = readFileSync(new URL('../../../../../.env.example', import.meta.url), 'utf8')
  const variables = Object.values(SETTINGS_OF)
    .flat()
    .flatMap(({ variable }) => variable ?? [])
  expect(variables.filter((variable) => !example.includes(`${variable}=`))).toEqual([])
})
