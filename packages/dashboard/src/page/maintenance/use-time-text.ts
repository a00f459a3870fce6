import { useTrunkline } from '../../react/provider.js'
import { useAdminTexts } from '../texts/use-texts.js'
import type { Time } from './time-draft.js'

/** A time that something is done by, as people write it. */
export function useTimeText(): (time: Time) => string {
  const { format } = useTrunkline()
  const t = useAdminTexts()
  return (time) => (time === 'off' ? t('maintenance.off') : format.period(time / 1_000, { exact: true }))
}
