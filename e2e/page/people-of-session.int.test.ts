import type { Phone } from '@trunkline/simulator'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOrReason, PageWorld, signIn } from './world.js'

const chromium = await chromiumOrReason()

describe.skipIf(chromium === undefined)('groups and contacts in the page', () => {
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
    page = await world.open('/sessions/shop?tab=groups')
    await signIn(page)
  })
  afterAll(() => world.close())

  const group = () => world.simulator.groups[0]
  const roles = () => Object.fromEntries((group()?.participants ?? []).map(({ number, role }) => [number, role]))

  it('a group is made, and who is not on WhatsApp is named', async () => {
    await page.getByRole('button', { name: 'New group' }).click()
    await page.getByLabel('Name of the group').fill('Orders')
    await page.getByLabel('Phone numbers').fill('+1 555 000 0003\n15559999999')
    await page.getByRole('button', { name: 'Create group' }).click()
    await page.getByRole('dialog').getByText('Not on WhatsApp').waitFor()
    await page.getByRole('button', { name: 'To the group' }).click()
    await page.getByRole('heading', { name: 'Orders' }).waitFor()
    expect(roles()).toEqual({ [shop.number]: 'superadmin', [carol.number]: 'member' })
    expect(carol.groupNotices.length).toBeGreaterThan(0)
  })

  it('people are added, made admins and removed', async () => {
    await page.getByRole('button', { name: 'Add people' }).click()
    await page.getByLabel('Phone numbers').fill(dan.number)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    const row = page.getByRole('listitem').filter({ hasText: '+1 555 000 0004' })
    await row.getByRole('button').click()
    await page.getByRole('menuitem', { name: 'Make admin' }).click()
    await row.getByText('Admin', { exact: true }).waitFor()
    expect(roles()[dan.number]).toBe('admin')
    await row.getByRole('button').click()
    await page.getByRole('menuitem', { name: 'Remove from the group' }).click()
    await row.waitFor({ state: 'detached' })
    expect(new Set(Object.keys(roles()))).toEqual(new Set([shop.number, carol.number]))
  })

  it('its name, description and settings are changed for everybody', async () => {
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Name of the group').fill('Orders of Lima')
    await page.getByRole('textbox', { name: 'Description' }).fill('What was bought')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByRole('heading', { name: 'Orders of Lima' }).waitFor()
    await expect.poll(group).toMatchObject({ subject: 'Orders of Lima', description: 'What was bought' })
    await page.getByLabel('Only admins write').check()
    await expect.poll(() => group()?.settings.announce).toBe(true)
    await page.getByLabel('New messages disappear after').selectOption({ index: 2 })
    await expect.poll(() => group()?.settings.ephemeral).toBe(604_800)
  })

  it('the invitation is shown to who asks, and another one ends it', async () => {
    await page.getByRole('button', { name: 'Show link' }).click()
    const link = page.locator('.once')
    await link.waitFor()
    expect(await link.textContent()).toContain(group()?.inviteCode)
    const before = group()?.inviteCode
    await page.getByRole('button', { name: 'New link' }).click()
    await expect.poll(() => group()?.inviteCode === before).toBe(false)
    await expect.poll(() => link.textContent()).toContain(group()?.inviteCode ?? '')
  })

  it('it is left after a question', async () => {
    await page.getByRole('button', { name: 'Leave group' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click()
    await page.getByText('In no group').waitFor()
    expect(roles()[shop.number]).toBeUndefined()
  })

  it('an invitation is followed once it was said where it leads', async () => {
    const other = await world.simulator.createGroup({
      subject: 'Lima',
      creator: carol.number,
      participants: [dan.number],
    })
    await page.getByRole('button', { name: 'Join by invitation' }).click()
    await page.getByLabel('Link or code').fill(`https://chat.whatsapp.com/${other.inviteCode}`)
    await page.getByRole('button', { name: 'See where it leads' }).click()
    await page.getByText('It leads to Lima.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Join', exact: true }).click()
    await page.getByRole('heading', { name: 'Lima' }).waitFor()
    const joined = world.simulator.groups.find(({ jid }) => jid === other.jid)
    expect(joined?.participants.map(({ number }) => number)).toContain(shop.number)
  })

  it('a contact is found, looked at and blocked, on the phone too', async () => {
    await carol.setAbout('At the beach')
    await page.getByRole('tab', { name: 'Contacts' }).click()
    await page.getByLabel('Search by name or number').waitFor()
    // Whoever writes for the first time comes up in the list that is open.
    await carol.sendText(shop.number, 'Hello')
    await dan.sendText(shop.number, 'Hello')
    await page.getByRole('button', { name: '~Dan' }).waitFor()
    await page.getByLabel('Search by name or number').fill('carol')
    await page.getByRole('button', { name: '~Dan' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: '~Carol' }).click()
    const dialog = page.getByRole('dialog', { name: '~Carol' })
    await dialog.getByText('At the beach').waitFor()
    await dialog.getByRole('button', { name: 'Block' }).click()
    await dialog.getByRole('button', { name: 'Unblock' }).waitFor()
    expect(shop.blocked).toHaveLength(1)
    await dialog.getByRole('button', { name: 'Unblock' }).click()
    await expect.poll(() => shop.blocked).toEqual([])
    await page.keyboard.press('Escape')
  })

  it('numbers are checked together, and written to', async () => {
    await page.getByRole('button', { name: 'Check numbers' }).click()
    await page.getByLabel('Phone numbers').fill('+1 555 000 0003\n15559999999, nobody')
    await page.getByRole('button', { name: 'Check 3 numbers' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 of 3 are on WhatsApp.').waitFor()
    const state = async (number: string) => await dialog.getByRole('row').filter({ hasText: number }).textContent()
    expect(await state('15559999999')).toContain('Not on WhatsApp')
    expect(await state('nobody')).toContain('No phone number')
    await dialog.getByRole('link', { name: 'Write' }).click()
    await page.getByRole('heading', { name: '~Carol' }).waitFor()
  })

  it('and nothing of it left the origin, broke its policy or threw', () => {
    expect(world.complaints).toEqual({ foreignRequests: [], policyViolations: [], errors: [] })
  })
})
