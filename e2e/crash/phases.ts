import type { TappedStanza } from '@trunkline/simulator'

type Fits = (stanza: Pick<TappedStanza, 'direction' | 'node'>) => boolean
type Stanza = TappedStanza['node']

const children = ({ content }: Stanza): Stanza[] => (Array.isArray(content) ? content : [])
const has = (stanza: Stanza, tag: string): boolean => children(stanza).some((child) => child.tag === tag)
const codeStage = (stanza: Stanza): string | undefined =>
  children(stanza).find(({ tag }) => tag === 'link_code_companion_reg')?.attrs.stage

/** The stanza that each phase of linking begins with, in order. */
const QR_PHASES = {
  'the QRs are offered': ({ direction, node }) => direction === 'out' && has(node, 'pair-device'),
  'the phone has scanned': ({ direction, node }) => direction === 'out' && has(node, 'pair-success'),
  'the client has signed': ({ direction, node }) => direction === 'in' && has(node, 'pair-device-sign'),
  'a new connection is asked for': ({ direction, node }) =>
    direction === 'out' && node.tag === 'stream:error' && node.attrs.code === '515',
  'the first login succeeded': ({ direction, node }) => direction === 'out' && node.tag === 'success',
  'pre-keys are uploaded': ({ direction, node }) =>
    direction === 'in' && node.attrs.xmlns === 'encrypt' && node.attrs.type === 'set',
  'the phone sends its first messages': ({ direction, node }) => direction === 'out' && node.tag === 'message',
  'the first message was received': ({ direction, node }) => direction === 'in' && node.tag === 'receipt',
} satisfies Record<string, Fits>

const CODE_PHASES = {
  'a code is asked for': ({ direction, node }) => direction === 'in' && codeStage(node) === 'companion_hello',
  'the code is confirmed': ({ direction, node }) => direction === 'out' && codeStage(node) === 'companion_hello',
  'the phone has the code': ({ direction, node }) => direction === 'out' && codeStage(node) === 'primary_hello',
  'the keys are exchanged': ({ direction, node }) => direction === 'in' && codeStage(node) === 'companion_finish',
} satisfies Record<string, Fits>

export type Phase = keyof typeof QR_PHASES | keyof typeof CODE_PHASES

/** From the signature on, both ways are one. */
export const PHASES: { qr: Phase[]; code: Phase[] } = {
  qr: Object.keys(QR_PHASES) as Phase[],
  code: [...(Object.keys(CODE_PHASES) as Phase[]), 'the client has signed'],
}
export type LinkingWay = keyof typeof PHASES

export function begins(phase: Phase, stanza: Parameters<Fits>[0]): boolean {
  return { ...QR_PHASES, ...CODE_PHASES }[phase](stanza)
}
