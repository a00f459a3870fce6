import { type FormEvent, useState } from 'react'
import { useProblemText, useTrunkline } from '../provider.js'
import { phoneText } from '../status.js'
import { Button } from '../ui/button.js'
import { CopyButton } from '../ui/copy-button.js'
import { TextField } from '../ui/field.js'
import type { Linking } from './use-linking.js'

/** A code to type on the phone: first for which number, then the code itself. */
export function CodePanel({ linking }: { linking: Linking }) {
  const { t } = useTrunkline()
  const { view } = linking
  return (
    <div className="tl-link-columns">
      <div>
        {view.kind === 'code' ? (
          <Code linking={linking} code={view.code.code} phone={view.code.phone} leftMs={view.leftMs} />
        ) : (
          <PhoneForm linking={linking} />
        )}
      </div>
      <div className="tl-link-how">
        <ol className="tl-steps">
          <li>{t('link.how.open')}</li>
          <li>{t('link.how.devices')}</li>
          <li>{t('link.how.code')}</li>
          <li>{t('link.how.type')}</li>
        </ol>
      </div>
    </div>
  )
}

function PhoneForm({ linking }: { linking: Linking }) {
  const { t } = useTrunkline()
  const textOf = useProblemText()
  const [phone, setPhone] = useState('')
  const [wrong, setWrong] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setWrong(!isPhone(phone))
    if (isPhone(phone)) linking.requestCode(phone)
  }
  const problem = wrong ? t('link.phone.invalid') : linking.error === undefined ? undefined : textOf(linking.error)
  return (
    <form className="tl-stack" onSubmit={submit} noValidate>
      {linking.view.kind === 'code-ended' ? <p className="tl-note tl-tone-work">{t('link.code.expired')}</p> : null}
      <TextField
        label={t('link.phone')}
        hint={t('link.phone.hint')}
        problem={problem}
        type="tel"
        inputMode="tel"
        autoComplete="tel"
        placeholder="+51 987 654 321"
        value={phone}
        onChange={(event) => {
          setPhone(event.target.value)
          setWrong(false)
        }}
      />
      <Button look="primary" type="submit" busy={linking.busy}>
        {t('link.phone.submit')}
      </Button>
    </form>
  )
}

/** Only what nobody would call a number is refused here: which numbers there are, the server knows. */
function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  return /^[\d\s()+./-]+$/.test(text) && digits.length >= 7 && digits.length <= 15
}

function Code({ linking, code, phone, leftMs }: { linking: Linking; code: string; phone: string; leftMs: number }) {
  const { t } = useTrunkline()
  const seconds = Math.ceil(leftMs / 1000)
  return (
    <div className="tl-stack">
      <div>
        <p className="tl-hidden">{t('link.code.label', { phone: phoneText(phone) })}</p>
        <p className="tl-code" data-testid="pairing-code">
          <span>{code.slice(0, 4)}</span>
          <span aria-hidden>-</span>
          <span>{code.slice(4)}</span>
        </p>
      </div>
      <p className="tl-hint tl-center">
        {phoneText(phone)} ·{' '}
        {seconds > 60
          ? t('link.code.left', { count: Math.ceil(seconds / 60) })
          : t('link.code.leftSeconds', { count: seconds })}
      </p>
      <div className="tl-row tl-center-row">
        <CopyButton text={code} look="primary" />
        <Button onClick={linking.forgetCode}>{t('link.code.other')}</Button>
      </div>
    </div>
  )
}
