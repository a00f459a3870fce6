import QRCode from 'qrcode'

/** Black on white with the full quiet zone, whatever the page around it looks like: phones read nothing else reliably. */
const LOOK = { margin: 4, width: 360, color: { dark: '#000000ff', light: '#ffffffff' } }

export function qrPng(text: string): Promise<Uint8Array> {
  return QRCode.toBuffer(text, { ...LOOK, type: 'png' })
}

export function qrSvg(text: string): Promise<string> {
  return QRCode.toString(text, { ...LOOK, type: 'svg' })
}

/** A PNG as a `data:` URL, ready for the `src` of an image. */
export async function qrDataUrl(text: string): Promise<string> {
  return `data:image/png;base64,${Buffer.from(await qrPng(text)).toString('base64')}`
}
