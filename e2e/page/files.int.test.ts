import { Buffer } from 'node:buffer'
import type { Phone } from '@trunkline/simulator'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()

const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

describe.skipIf(chromium === undefined)('files sent from the page', () => {
  let world: PageWorld
  let page: Page
  let carol: Phone
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    const shop = await world.simulator.createPhone({ number: '15550000001', name: 'Shop' })
    carol = await world.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    await world.link('shop', shop, { label: 'Tienda' })
    page = await world.open(`/sessions/shop?tab=chats&chat=${carol.number}`)
    await signIn(page)
    await page.getByLabel('Write a message').waitFor()
  })
  afterAll(() => world.close())

  const pick = (name: string, mimeType: string, buffer: Buffer) =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType, buffer })

  it('a picture is shown before it goes, and the phone of the other side decrypts it byte for byte', async () => {
    await pick('jacket.png', 'image/png', PICTURE)
    await page.getByRole('img', { name: 'jacket.png' }).waitFor()
    await page.getByLabel('Write a message').fill('The blue one')
    const got = carol.waitForMessage((message) => message.message?.imageMessage != null)
    await page.keyboard.press('Enter')
    const { id, message } = await got
    expect(message?.imageMessage?.caption).toBe('The blue one')
    expect(await carol.fileOf(id)).toEqual(PICTURE)
    await page.locator('[data-message]').filter({ hasText: 'The blue one' }).getByTitle('Delivered').waitFor()
    await page.getByRole('img', { name: 'jacket.png' }).waitFor({ state: 'detached' })
  })

  it('a document keeps its name, also one that is dropped', async () => {
    const bytes = Buffer.from('%PDF-1.4 an offer')
    const data = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(bytes.toString())}], 'offer.pdf', { type: 'application/pdf' })); return data })()`,
    )
    await page.locator('.tl-conversation').dispatchEvent('drop', { dataTransfer: data })
    await page.locator('.tl-file-bar').getByText('offer.pdf').waitFor()
    const got = carol.waitForMessage((message) => message.message?.documentMessage != null)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    const { id, message } = await got
    expect(message?.documentMessage?.fileName).toBe('offer.pdf')
    expect(await carol.fileOf(id)).toEqual(bytes)
  })

  it('what was picked by mistake is taken away, and nothing of it is sent', async () => {
    const before = carol.messages.length
    await pick('secret.txt', 'text/plain', Buffer.from('not for Carol'))
    await page.getByRole('button', { name: 'Remove the file' }).click()
    await page.locator('.tl-file-bar').waitFor({ state: 'detached' })
    await page.getByLabel('Write a message').fill('Just words')
    const got = carol.waitForMessage({ text: 'Just words' })
    await page.keyboard.press('Enter')
    await got
    expect(carol.messages.length).toBe(before + 1)
  })

  it('says how far an upload is, and one that is ended reaches nobody', async () => {
    let isHeld = true
    await page.route('**/api/sessions/shop/messages', (route) => (isHeld ? undefined : route.continue()))
    await pick('large.bin', 'application/octet-stream', Buffer.alloc(300_000, 7))
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByRole('progressbar', { name: 'Sending large.bin' }).waitFor()
    await page.locator('.tl-file-bar').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Remove the file' }).waitFor()
    isHeld = false
    expect(await page.getByRole('alert').count()).toBe(0)
    const got = carol.waitForMessage((message) => message.message?.documentMessage?.fileName === 'large.bin')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    expect((await carol.fileOf((await got).id)).length).toBe(300_000)
  })

  it('a voice is recorded and sent as a voice note, or it is said why it cannot be', async () => {
    await page.getByRole('button', { name: 'Record a voice message' }).click()
    await page.getByRole('timer').getByText('0:01').waitFor()
    const got = carol.waitForMessage((message) => message.message?.audioMessage?.ptt === true)
    await page.getByRole('button', { name: 'Send the voice message' }).click()
    const refused = page.getByRole('alert').filter({ hasText: 'Not sent' })
    const outcome = await Promise.race([got, refused.waitFor().then(() => undefined)])
    if (outcome) expect((await carol.fileOf(outcome.id)).subarray(0, 4).toString()).toBe('OggS')
    else {
      got.catch(() => {})
      expect(await refused.textContent()).toContain('ffmpeg')
    }
  })

  it('a recording that is thrown away reaches nobody', async () => {
    await page.getByRole('button', { name: 'Record a voice message' }).click()
    await page.getByRole('button', { name: 'Throw the recording away' }).click()
    await page.getByRole('button', { name: 'Record a voice message' }).waitFor()
    expect(carol.messages.filter(({ message }) => message?.audioMessage?.ptt === true).length).toBeLessThanOrEqual(1)
  })

  it('and nothing of it left the origin, broke its policy or threw', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})
