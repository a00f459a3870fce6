// Not among the six: a session is renewed while a message of the old one is on its way. Does the new session live on?
import { exchange, introduce, receive, send } from '../test/parties.js'
import { conclude, makeParty, silenceConsole } from './evidence.js'

silenceConsole()
const [me, peer] = [makeParty('15550000001@s.whatsapp.net'), makeParty('15550000002@s.whatsapp.net')]
await introduce(me, peer)
await exchange(me, peer, 'hello')
await exchange(peer, me, 'hi')
const late = await send(peer, me, 'on its way')
await introduce(me, peer)
await exchange(me, peer, 'in a new session')
await receive(me, peer, late)
const answered = await exchange(peer, me, 'answer').then(
  () => true,
  () => false,
)
conclude(answered, answered ? 'the new session lives on' : 'the late message has ruined the new session')
