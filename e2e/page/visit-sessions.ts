import type { Page } from 'playwright-core'

/** What somebody does who looks for sessions: filters, searches, sorts, chooses, opens a menu. */
export async function visitSessions(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Stopped/ }).click()
  await page.getByRole('button', { name: /^All/ }).click()
  const search = page.getByLabel('Search by name, id or number')
  await search.pressSequentially('shop 49')
  await page.getByRole('link', { name: 'Shop 490' }).waitFor()
  await page.getByRole('link', { name: 'Shop 100', exact: true }).waitFor({ state: 'detached' })
  await page.getByLabel('Select all shown').check()
  await page.getByText('11 selected').waitFor()
  await page.getByLabel('Select all shown').uncheck()
  await search.press('Control+a')
  await search.press('Delete')
  await page.getByRole('link', { name: 'Shop 1', exact: true }).waitFor()
  await page.getByLabel('Sort by').selectOption('Last activity')
  await page.getByLabel('Sort by').selectOption('Name')
  await page
    .getByRole('button', { name: /^More actions/ })
    .first()
    .click()
  await page.getByRole('menu').waitFor()
  await page.keyboard.press('Escape')
}
