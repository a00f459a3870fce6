import type { Translate } from '../../react/i18n/translate.js'

/** Why a webhook does not deliver, in the reader's language where it is one of the reasons that the server words itself. */
export function webhookReason(reason: string, t: Translate): string {
  if (reason === 'No answer in time') return t('overview.webhooks.late')
  const [, code] = /^No answer: ([A-Z_]+)$/.exec(reason) ?? []
  return code === undefined ? reason : t('overview.webhooks.noAnswer', { code })
}
