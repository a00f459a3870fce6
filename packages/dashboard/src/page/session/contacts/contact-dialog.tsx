import { useQuery } from '@tanstack/react-query'
import { Ban, ExternalLink, MessageSquare, ShieldCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { contactName } from '../../../react/people/people-book.js'
import { useTrunkline } from '../../../react/provider.js'
import { phoneText } from '../../../react/status.js'
import type { Contact, Session } from '../../../react/types.js'
import { Button } from '../../../react/ui/button.js'
import { Dialog } from '../../../react/ui/dialog.js'
import { Problem } from '../../../react/ui/problem.js'
import { useCall } from '../../../react/use-call.js'
import { useMe } from '../../me.js'
import { Fact, Facts } from '../../shell/facts.js'
import { useSessionTexts } from '../../texts/use-texts.js'

export interface ContactDialogProps {
  session: Session
  contact: Contact
  isBlocked: boolean
  onChanged(): void
  onClose(): void
}

/** What is known of a person; WhatsApp is asked for what only it knows. */
export function ContactDialog({ session, contact, isBlocked, onChanged, onClose }: ContactDialogProps) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const { may } = useMe()
  const { id, phone, name, pushName } = contact
  const isConnected = session.status === 'connected'
  const block = useCall(async () => {
    if (isBlocked) await client.contacts.unblock(session.id, id)
    else await client.contacts.block(session.id, id)
    onChanged()
  })
  return (
    <Dialog
      title={contactName(contact) ?? (phone === undefined ? id : phoneText(phone))}
      onClose={onClose}
      actions={
        <>
          {may('contacts:manage') && isConnected ? (
            <Button icon={isBlocked ? ShieldCheck : Ban} busy={block.busy} onClick={block.run}>
              {t(isBlocked ? 'contacts.unblock' : 'contacts.block')}
            </Button>
          ) : null}
          <Link
            className="tl-button tl-button-primary"
            href={`/sessions/${session.id}?tab=chats&chat=${encodeURIComponent(phone ?? id)}`}
          >
            <MessageSquare size={16} aria-hidden />
            {t('contacts.write')}
          </Link>
        </>
      }
    >
      {block.error === undefined ? null : <Problem error={block.error} />}
      <Facts>
        <Fact name={t('session.phone')}>{phone === undefined ? undefined : phoneText(phone)}</Fact>
        <Fact name={t('contacts.name')}>{name}</Fact>
        <Fact name={t('session.pushName')}>{pushName}</Fact>
        <Fact name={t('contacts.id')}>
          <code>{id}</code>
        </Fact>
        {isConnected ? <Asked sessionId={session.id} contactId={id} /> : null}
      </Facts>
    </Dialog>
  )
}

/** What WhatsApp tells of a person, as far as they let the account see it. */
function Asked({ sessionId, contactId }: { sessionId: string; contactId: string }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const about = useQuery({
    queryKey: ['about', sessionId, contactId],
    queryFn: ({ signal }) => client.contacts.getAbout(sessionId, contactId, { signal }),
  })
  const picture = useQuery({
    queryKey: ['picture', sessionId, contactId],
    queryFn: ({ signal }) => client.contacts.getPicture(sessionId, contactId, {}, { signal }),
  })
  const business = useQuery({
    queryKey: ['business', sessionId, contactId],
    queryFn: ({ signal }) => client.contacts.getBusiness(sessionId, contactId, { signal }),
  })
  const state = (answer: { state: 'shown' | 'none' | 'hidden' } | undefined, shown: ReactNode) =>
    answer === undefined ? '…' : answer.state === 'shown' ? shown : t(`contacts.${answer.state}`)
  return (
    <>
      <Fact name={t('contacts.about')}>{about.error ? '–' : state(about.data, about.data?.text)}</Fact>
      <Fact name={t('contacts.picture')}>
        {picture.error
          ? '–'
          : state(
              picture.data,
              <a href={picture.data?.url} target="_blank" rel="noreferrer">
                {t('contacts.picture.open')} <ExternalLink size={13} aria-hidden />
              </a>,
            )}
      </Fact>
      {business.data?.isBusiness ? (
        <Fact name={t('contacts.business')}>
          {[business.data.description, business.data.address, business.data.email, ...(business.data.websites ?? [])]
            .filter(Boolean)
            .join(' · ')}
        </Fact>
      ) : null}
    </>
  )
}
