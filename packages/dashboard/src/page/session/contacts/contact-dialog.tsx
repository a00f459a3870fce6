import { useQuery } from '@tanstack/react-query'
import { type Client, ClientError } from '@trunkline/client'
import { Ban, MessageSquare, ShieldCheck } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
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
  const title = contactName(contact) ?? (phone === undefined ? id : phoneText(phone))
  const block = useCall(async () => {
    if (isBlocked) await client.contacts.unblock(session.id, id)
    else await client.contacts.block(session.id, id)
    onChanged()
  })
  return (
    <Dialog
      title={title}
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
        {isConnected ? <Asked sessionId={session.id} contactId={id} name={title} /> : null}
      </Facts>
    </Dialog>
  )
}

/** What WhatsApp tells of a person, as far as they let the account see it. */
function Asked({ sessionId, contactId, name }: { sessionId: string; contactId: string; name: string }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const about = useQuery({
    queryKey: ['about', sessionId, contactId],
    queryFn: ({ signal }) => client.contacts.getAbout(sessionId, contactId, { signal }),
  })
  const picture = useQuery({
    queryKey: ['picture', sessionId, contactId],
    queryFn: ({ signal }) => pictureOf(client, { sessionId, contactId, signal }),
    // WhatsApp is asked at most once a day.
    staleTime: Number.POSITIVE_INFINITY,
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
        {picture.error ? (
          '–'
        ) : picture.data === undefined ? (
          '…'
        ) : picture.data.blob ? (
          <Picture blob={picture.data.blob} name={name} />
        ) : (
          t('contacts.noPicture')
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

interface PictureAsked {
  sessionId: string
  contactId: string
  signal: AbortSignal
}

async function pictureOf(client: Client, { sessionId, contactId, signal }: PictureAsked): Promise<{ blob?: Blob }> {
  try {
    const response = await client.contacts.getPictureFile(sessionId, contactId, {}, { signal })
    return { blob: await response.blob() }
  } catch (error) {
    if (ClientError.is(error, 'PICTURE_NOT_FOUND')) return {}
    throw error
  }
}

function Picture({ blob, name }: { blob: Blob; name: string }) {
  const t = useSessionTexts()
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  return url === undefined ? null : (
    <img className="contact-picture" src={url} alt={t('contacts.pictureOf', { name })} />
  )
}
