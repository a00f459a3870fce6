import type { Phone } from '@trunkline/simulator'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()

describe.skipIf(chromium === undefined)('what is done to messages and chats in the page', () => {
  let world: PageWorld
  let page: Page
  let shop: Phone
  let carol: Phone
  let dan: Phone
  beforeAll(async () => {
    world = await PageWorld.start(chromium ?? '')
    shop = await world.simulator.createPhone({ number: '15550000001', name: 'Shop' })
    carol = await world.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    dan = await world.simulator.createPhone({ number: '15550000004', name: 'Dan' })
    await world.link('shop', shop, { label: 'Tienda' })
    page = await world.open('/sessions/shop')
    await signIn(page)
  })
  afterAll(() => world.close())

  const bubble = (text: string) =>
    page.locator('.tl-line').filter({ has: page.locator('.tl-bubble-text, .tl-poll', { hasText: text }) })
  const act = async (text: string, name: string) => {
    await bubble(text).hover()
    await bubble(text).getByRole('button', { name: 'Actions for this message' }).click()
    await page.getByRole('menu').getByText(name, { exact: true }).click()
  }
  const shown = (text: string) => carol.shown(shop.jid).find((message) => message.text === text)
  const ownJid = () => shop.jid

  it('somebody without a contact name is called as they call themselves', async () => {
    await dan.sendText(shop.number, 'Hello from Dan')
    await carol.sendText(shop.number, 'Is the blue one there?')
    await page.locator('.tl-chat').filter({ hasText: '~Dan' }).waitFor()
    await page.locator('.tl-chat').filter({ hasText: '~Carol' }).click()
    await page.getByRole('heading', { name: '~Carol' }).waitFor()
  })

  it('a reaction is seen by the phone of the other side, and is gone when it is taken back', async () => {
    await act('Is the blue one there?', '👍')
    await bubble('Is the blue one there?').getByRole('button', { name: 'Take 👍 back' }).waitFor()
    await expect.poll(() => shown('Is the blue one there?')?.reactions).toEqual({ [ownJid()]: '👍' })
    await bubble('Is the blue one there?').getByRole('button', { name: 'Take 👍 back' }).click()
    await expect.poll(() => shown('Is the blue one there?')?.reactions).toEqual({})
    await act('Is the blue one there?', 'Another reaction…')
    await page.getByLabel('Emoji').fill('🦙')
    await page.getByRole('button', { name: 'React', exact: true }).click()
    await expect.poll(() => shown('Is the blue one there?')?.reactions).toEqual({ [ownJid()]: '🦙' })
  })

  it('a reply quotes what it answers, by the keyboard alone', async () => {
    await page.getByLabel('Write a message').focus()
    const menu = page.getByRole('button', { name: 'Actions for this message' }).last()
    // Past the button for files.
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    expect(await menu.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Reply' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Reply to ~Carol').waitFor()
    await page.keyboard.type('Yes, it is')
    const got = carol.waitForMessage({ text: 'Yes, it is' })
    await page.keyboard.press('Enter')
    const quoted = (await got).message?.extendedTextMessage?.contextInfo?.quotedMessage
    expect(quoted?.conversation ?? quoted?.extendedTextMessage?.text).toBe('Is the blue one there?')
    await bubble('Yes, it is').locator('blockquote').getByText('Is the blue one there?').waitFor()
  })

  it('an own message is edited, and the phone of the other side shows the new words', async () => {
    await act('Yes, it is', 'Edit')
    await page.getByLabel('Write a message').fill('Yes, two of them')
    await page.keyboard.press('Enter')
    await bubble('Yes, two of them').getByText('edited').waitFor()
    await expect.poll(() => shown('Yes, two of them')?.edited).toBe(true)
    await expect.poll(() => page.getByLabel('Write a message').inputValue()).toBe('')
  })

  it('a star stands on the phone of the account too', async () => {
    const id = shown('Is the blue one there?')?.id ?? ''
    await act('Is the blue one there?', 'Star')
    await bubble('Is the blue one there?').getByLabel('Starred').waitFor()
    await expect.poll(async () => (await shop.chatSettings(carol.jid)).starred).toEqual([id])
  })

  it('a message goes on to another chat', async () => {
    await act('Is the blue one there?', 'Forward')
    const dialog = page.getByRole('dialog', { name: 'Forward' })
    await dialog.getByText('~Dan').click()
    const got = dan.waitForMessage({ text: 'Is the blue one there?' })
    await dialog.getByRole('button', { name: 'Send' }).click()
    expect((await got).text).toBe('Is the blue one there?')
    await dialog.waitFor({ state: 'detached' })
  })

  it('typing is shown both ways', async () => {
    await carol.setTyping(shop.jid, 'composing')
    await page.getByText('~Carol is typing…').waitFor()
    await carol.setTyping(shop.jid, 'paused')
    await page.getByText('~Carol is typing…').waitFor({ state: 'detached' })
    const before = carol.typing.length
    const told = () => carol.typing.slice(before).map(({ state }) => state)
    await page.getByLabel('Write a message').fill('Shall I')
    await expect.poll(told).toEqual(['composing'])
    await page.getByLabel('Write a message').blur()
    await expect.poll(told).toEqual(['composing', 'paused'])
    await page.getByLabel('Write a message').fill('')
  })

  it('votes of a poll are counted as they come', async () => {
    const { manager } = world.server
    const got = carol.waitForMessage((message) => message.message?.pollCreationMessageV3 != null)
    await manager.send('shop', { type: 'poll', to: carol.number, question: 'Which size?', options: ['M', 'L'] })
    await carol.vote((await got).id, ['L'])
    await bubble('Which size?').getByTitle('1 vote').waitFor()
    expect(await bubble('Which size?').getByRole('meter', { name: 'L' }).getAttribute('value')).toBe('1')
  })

  it('a message is deleted for everyone, or for this account alone', async () => {
    await act('Yes, two of them', 'Delete')
    await page.getByRole('button', { name: 'Delete for everyone' }).click()
    await expect.poll(() => carol.shown(shop.jid).some(({ deleted }) => deleted)).toBe(true)
    const id = shown('Is the blue one there?')?.id ?? ''
    await page.locator(`[data-message="${id}"]`).hover()
    await act('Is the blue one there?', 'Delete')
    expect(await page.getByRole('button', { name: 'Delete for everyone' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Delete for me' }).click()
    await expect.poll(async () => (await shop.chatSettings(carol.jid)).deletedForMe).toEqual([id])
    expect(shown('Is the blue one there?')?.deleted).toBe(false)
  })

  it('a chat is pinned, muted, archived and marked as unread, on the phone too', async () => {
    const choose = async (name: string) => {
      await page.getByRole('button', { name: 'Actions: ~Carol' }).click()
      await page.getByRole('menuitem', { name, exact: true }).click()
    }
    const settings = () => shop.chatSettings(carol.jid)
    const row = page.locator('.tl-chat').filter({ hasText: '~Carol' })
    await choose('Pin')
    await row.getByLabel('Pinned').waitFor()
    await expect.poll(async () => (await settings()).pinned).toBe(true)
    await choose('Mute for ever')
    await row.getByLabel('Muted').waitFor()
    await expect.poll(async () => (await settings()).mutedUntil).toBe(-1)
    await choose('Archive')
    await expect.poll(async () => (await settings()).archived).toBe(true)
    await row.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: '1 chat in the archive' }).click()
    await row.getByLabel('Archived').waitFor()
    await choose('Take out of the archive')
    await expect.poll(async () => (await settings()).archived).toBe(false)
    await page.getByText('Choose a chat').or(row).first().waitFor()
    await choose('Mark as unread')
    await expect.poll(async () => (await settings()).markedUnread).toBe(true)
  })

  it('and nothing of it left the origin, broke its policy or threw', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})
