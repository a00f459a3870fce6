import type { Client } from '@trunkline/client'
import { Conversation, LinkDialog, useChats, useConnection, useSession } from '@trunkline/dashboard/react'
import { useState } from 'react'
import type { Tenant } from '../tenant.js'

/** The page of one shop: its number, and the conversations of it. */
export function TenantPage({ client, tenant: { name, sessionId } }: { client: Client; tenant: Tenant }) {
  const session = useSession(sessionId)
  const { status } = useConnection()
  const [linking, setLinking] = useState(false)
  const link = () => {
    setLinking(true)
    // The dialog says what comes of it.
    void client.sessions.start(sessionId)
  }
  const isLinked = session?.status === 'connected'
  return (
    <>
      <header className="shop-head">
        <h1>{name}</h1>
        <p>{status === 'open' ? '' : 'Connecting …'}</p>
        {isLinked ? <p>WhatsApp: +{session.account?.phone}</p> : null}
      </header>
      <main className="shop">
        {session === undefined ? null : isLinked ? (
          <Inbox sessionId={sessionId} />
        ) : (
          <section className="shop-card">
            <h2>Answer your customers here</h2>
            <p>Link the WhatsApp of your shop: its messages come to this page, and go on to your phone as before.</p>
            <button type="button" className="tl-button tl-button-primary" onClick={link}>
              Link your WhatsApp
            </button>
          </section>
        )}
      </main>
      {linking ? <LinkDialog sessionId={sessionId} onClose={() => setLinking(false)} /> : null}
    </>
  )
}

function Inbox({ sessionId }: { sessionId: string }) {
  const { chats, state } = useChats(sessionId)
  const [openId, setOpenId] = useState<string>()
  const chat = chats.find(({ id }) => id === openId) ?? chats[0]
  if (!chat) return <p className="shop-card">{state === 'loading' ? 'Loading …' : 'No conversation yet.'}</p>
  const nameOf = ({ name, phone, id }: typeof chat) => name ?? (phone === undefined ? id : `+${phone}`)
  return (
    <div className="inbox">
      <nav aria-label="Conversations">
        {chats.map((one) => (
          <button
            key={one.id}
            type="button"
            aria-current={one.id === chat.id || undefined}
            onClick={() => setOpenId(one.id)}
          >
            <strong>{nameOf(one)}</strong>
            <span>{one.lastMessage?.text}</span>
          </button>
        ))}
      </nav>
      <Conversation sessionId={sessionId} chatId={chat.id} name={nameOf(chat)} unreadCount={chat.unreadCount} />
    </div>
  )
}
