import type { proto } from '@whiskeysockets/baileys'
import { image, media } from './describe-media.js'
import { textOf } from './describe-words.js'
import { amountOf, type Description, lines, present, worded } from './description.js'

// Goods and money.

export function product(wire: proto.Message.IProductMessage): Description {
  const { product: goods, catalog, body, footer } = wire
  const picture = goods?.productImage ?? catalog?.catalogImage
  const title = goods ?? catalog
  return worded('product', [title?.title, title?.description, body, footer], {
    ...(picture ? present({ media: image(picture).media }) : {}),
    ...present({ amount: amountOf(goods?.currencyCode, goods?.priceAmount1000) }),
  })
}

export function order(wire: proto.Message.IOrderMessage): Description {
  const details = present({ id: wire.orderId, itemCount: wire.itemCount || undefined })
  return worded('order', [wire.orderTitle, wire.message], {
    ...(Object.keys(details).length > 0 ? { order: details } : {}),
    ...present({ amount: amountOf(wire.totalCurrencyCode, wire.totalAmount1000) }),
  })
}

export function invoice(wire: proto.Message.IInvoiceMessage): Description {
  const { attachmentMimetype: mimetype, attachmentFileSha256: fileSha256 } = wire
  const attached = mimetype
    ? present({ media: media('payment', { mimetype, ...present({ fileSha256 }) }, undefined, {}).media })
    : {}
  return worded('payment', [wire.note], attached)
}

export function payment(wire: proto.Message.ISendPaymentMessage): Description {
  return worded('payment', [textOf(wire.noteMessage)])
}

export function paymentRequest(wire: proto.Message.IRequestPaymentMessage): Description {
  const { amount: money, currencyCodeIso4217, amount1000 } = wire
  // `offset` is what a whole unit counts.
  const amount = money?.currencyCode
    ? amountOf(money.currencyCode, money.value, money.offset || 1000)
    : amountOf(currencyCodeIso4217, amount1000)
  const words = lines(textOf(wire.noteMessage)) ?? (amount && `${amount.value} ${amount.currency}`)
  return worded('payment', [words], present({ amount }))
}
