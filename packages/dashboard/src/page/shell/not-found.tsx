import { CircleQuestionMark } from 'lucide-react'
import { Link } from 'wouter'
import { useTrunkline } from '../../react/provider.js'
import { Empty } from '../../react/ui/empty.js'

export function NotFound() {
  const { t } = useTrunkline()
  return (
    <Empty icon={CircleQuestionMark} title={t('notFound.title')} lead={t('notFound.lead')}>
      <Link href="/" className="tl-button tl-button-plain">
        {t('notFound.home')}
      </Link>
    </Empty>
  )
}
