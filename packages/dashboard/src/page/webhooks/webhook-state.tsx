import { useNow, useTrunkline } from '../../react/provider.js'
import type { Webhook } from '../../react/types.js'
import { useAdminTexts } from '../texts/use-texts.js'
import { webhookReason } from './reason-text.js'

const TONES = { ok: 'good', failing: 'bad', disabled: 'idle' } as const

/** Whether it delivers, and why it does not. */
export function WebhookState({ webhook }: { webhook: Webhook }) {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  const now = useNow(30_000)
  const { stateReason, failingSince } = webhook
  const state = webhook.enabled ? webhook.state : 'disabled'
  return (
    <>
      <span className={`tl-pill tl-tone-${TONES[state]}`}>
        <span className="tl-dot" aria-hidden />
        {t(`webhooks.state.${state}`)}
      </span>
      {state === 'ok' || stateReason === undefined ? null : (
        <span className="soft block">
          {webhookReason(stateReason, t)}
          {failingSince === undefined
            ? ''
            : ` · ${t('webhooks.failingSince', { when: format.relative(failingSince, now) })}`}
        </span>
      )}
    </>
  )
}
