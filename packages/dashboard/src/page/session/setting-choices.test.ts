import { expect, it } from 'vitest'
import { DOWNLOADS, downloadOf, sizesOf } from './setting-choices.js'

it.each(DOWNLOADS)('what is sent for %s is read as it', (choice) => {
  const autoDownload = sizesOf(choice)
  expect(downloadOf(autoDownload === null ? {} : { autoDownload })).toBe(choice)
})

it('what somebody has set otherwise is none of the choices', () => {
  expect(downloadOf({ autoDownload: { image: 1 } })).toBeUndefined()
})
