import type { proto } from '@whiskeysockets/baileys'
import type { Button } from '../../types/message.js'
import { headerOf, image } from './describe-media.js'
import { type Description, lines, present, worded } from './description.js'

// What businesses send to be tapped, and what comes back when it was.

export function template(wire: proto.Message.ITemplateMessage): Description {
  const { hydratedTemplate, hydratedFourRowTemplate, fourRowTemplate, interactiveMessageTemplate } = wire
  const hydrated = hydratedTemplate ?? hydratedFourRowTemplate
  if (hydrated) {
    const { hydratedTitleText, hydratedContentText, hydratedFooterText, hydratedButtons } = hydrated
    return withButtons(
      worded('interactive', [hydratedTitleText, hydratedContentText, hydratedFooterText], headerOf(hydrated)),
      (hydratedButtons ?? []).flatMap(templateButton),
    )
  }
  if (interactiveMessageTemplate) return interactive(interactiveMessageTemplate)
  const { highlyStructuredMessage: title, content, footer } = fourRowTemplate ?? {}
  const words = [title, content, footer].map((each) => each && structuredText(each))
  return worded('interactive', words, headerOf(fourRowTemplate))
}

export function structured(wire: proto.Message.IHighlyStructuredMessage): Description {
  return wire.hydratedHsm ? template(wire.hydratedHsm) : worded('interactive', [structuredText(wire)])
}

/** Its words are on the phone, by name; what comes with it is what fills them, and the name. */
function structuredText({ hydratedHsm, params, elementName }: proto.Message.IHighlyStructuredMessage) {
  return (hydratedHsm && template(hydratedHsm).text) ?? lines(...(params ?? [])) ?? elementName
}

export function buttons(wire: proto.Message.IButtonsMessage): Description {
  return withButtons(
    worded('interactive', [wire.text, wire.contentText, wire.footerText], headerOf(wire)),
    (wire.buttons ?? []).map(({ buttonId, buttonText, nativeFlowInfo }) =>
      buttonText?.displayText || !nativeFlowInfo
        ? button(buttonText?.displayText, { id: buttonId })
        : nativeButton({ name: nativeFlowInfo.name, buttonParamsJson: nativeFlowInfo.paramsJson }),
    ),
  )
}

export function list(wire: proto.Message.IListMessage): Description {
  const rows = (wire.sections ?? []).flatMap(({ rows: each }) => each ?? [])
  return withButtons(
    worded('interactive', [wire.title, wire.description, wire.footerText]),
    rows.map(({ title, description, rowId }) => button(title, { id: rowId, description })),
  )
}

export function interactive(wire: proto.Message.IInteractiveMessage): Description {
  const { header, body, footer, nativeFlowMessage, carouselMessage } = wire
  const cards = (carouselMessage?.cards ?? []).map(card)
  const product = header?.productMessage?.product
  const picture = product?.productImage ? present({ media: image(product.productImage).media }) : headerOf(header)
  const firstPicture = cards.find((each) => each.media)?.media
  return withButtons(
    worded(
      'interactive',
      [header?.title, header?.subtitle, product?.title, body?.text, footer?.text, ...cards.map(({ text }) => text)],
      { ...present({ media: firstPicture }), ...picture },
    ),
    [...(nativeFlowMessage?.buttons ?? []).map(nativeButton), ...cards.flatMap((each) => each.buttons ?? [])],
  )
}

/** A card holds no cards. */
function card(wire: proto.Message.IInteractiveMessage): Description {
  return interactive({ ...wire, carouselMessage: null })
}

export function buttonReply(wire: proto.Message.IButtonsResponseMessage): Description {
  return answer(wire.selectedDisplayText, wire.selectedButtonId)
}

export function templateReply(wire: proto.Message.ITemplateButtonReplyMessage): Description {
  return answer(wire.selectedDisplayText, wire.selectedId)
}

export function listReply(wire: proto.Message.IListResponseMessage): Description {
  return answer(lines(wire.title, wire.description), wire.singleSelectReply?.selectedRowId)
}

export function interactiveReply(wire: proto.Message.IInteractiveResponseMessage): Description {
  const json = wire.nativeFlowResponseMessage?.paramsJson
  const { id, ...rest } = parsed(json)
  const data = json && (id === undefined || Object.keys(rest).length > 0) ? { data: json } : {}
  const answered = answer(wire.body?.text ?? wire.nativeFlowResponseMessage?.name, id)
  const selection = { ...answered.selection, ...data }
  return { ...answered, ...(Object.keys(selection).length > 0 ? { selection } : {}) }
}

/** Without words of its own the id is what was said. */
function answer(text: string | null | undefined, id: unknown): Description {
  const selected = typeof id === 'string' && id !== '' ? id : undefined
  const words = worded('text', [text ?? undefined, text ? undefined : selected])
  return selected === undefined ? words : { ...words, selection: { id: selected } }
}

function withButtons(description: Description, found: readonly Button[]): Description {
  const shown = found.filter(({ text }) => text !== '')
  return shown.length > 0 ? { ...description, buttons: shown } : description
}

type ButtonFields = { [Name in keyof Omit<Button, 'text'>]?: string | null | undefined }

function button(text: string | null | undefined, fields: ButtonFields): Button {
  return { text: text ?? '', ...present(fields) }
}

function templateButton(wire: proto.IHydratedTemplateButton): Button[] {
  const { quickReplyButton, urlButton, callButton } = wire
  if (quickReplyButton) return [button(quickReplyButton.displayText, { id: quickReplyButton.id })]
  if (urlButton) return [button(urlButton.displayText, { url: urlButton.url })]
  return callButton ? [button(callButton.displayText, { phone: callButton.phoneNumber })] : []
}

/** Native flows carry what they show as JSON text, each kind with fields of its own. */
function nativeButton({ name, buttonParamsJson }: NativeFlowButton): Button {
  const { display_text: text, title, id, url, phone_number: phone } = parsed(buttonParamsJson)
  const words = [text, title, name].find((each) => typeof each === 'string' && each !== '')
  const fields = Object.entries({ id, url, phone }).filter(([, value]) => typeof value === 'string')
  return button(words as string | undefined, Object.fromEntries(fields) as ButtonFields)
}

type NativeFlowButton = proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton

function parsed(json: string | null | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json ?? '{}')
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    // Written by the sender, who may write anything.
    return {}
  }
}
