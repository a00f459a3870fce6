import { Download } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { Link } from 'wouter'
import { useTrunkline } from '../../../react/provider.js'
import type { CheckedNumber } from '../../../react/types.js'
import { Button } from '../../../react/ui/button.js'
import { Dialog } from '../../../react/ui/dialog.js'
import { TextAreaField } from '../../../react/ui/field.js'
import { Problem } from '../../../react/ui/problem.js'
import { useCall } from '../../../react/use-call.js'
import { useSessionTexts } from '../../texts/use-texts.js'
import { numbersOf } from '../groups/numbers-of.js'

const MOST = 1_000
const TONES = { on_whatsapp: 'good', not_on_whatsapp: 'idle', invalid: 'bad' } as const

/** Which of many numbers are on WhatsApp. */
export function CheckDialog({ sessionId, onClose }: { sessionId: string; onClose(): void }) {
  const { client } = useTrunkline()
  const t = useSessionTexts()
  const form = useId()
  const [text, setText] = useState('')
  const [checked, setChecked] = useState<readonly CheckedNumber[]>()
  const numbers = numbersOf(text)
  const { run, busy, error } = useCall(async () =>
    setChecked((await client.contacts.check(sessionId, { numbers })).items),
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run()
  }
  return (
    <Dialog
      wide
      title={t('contacts.check')}
      onClose={onClose}
      actions={
        checked ? (
          <>
            <Button onClick={() => setChecked(undefined)}>{t('contacts.check.others')}</Button>
            <Button icon={Download} onClick={() => download(checked)}>
              {t('contacts.check.download')}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>{t('do.cancel')}</Button>
            <Button
              look="primary"
              type="submit"
              form={form}
              busy={busy}
              disabled={numbers.length === 0 || numbers.length > MOST}
            >
              {t('contacts.check.do', { count: numbers.length })}
            </Button>
          </>
        )
      }
    >
      {checked ? (
        <Results sessionId={sessionId} checked={checked} />
      ) : (
        <form id={form} className="tl-stack" onSubmit={submit}>
          {error === undefined ? null : <Problem error={error} />}
          <TextAreaField
            label={t('groups.numbers')}
            hint={t('contacts.check.hint')}
            problem={numbers.length > MOST ? t('contacts.check.tooMany', { count: numbers.length }) : undefined}
            rows={8}
            autoFocus
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </form>
      )}
    </Dialog>
  )
}

function Results({ sessionId, checked }: { sessionId: string; checked: readonly CheckedNumber[] }) {
  const t = useSessionTexts()
  const there = checked.filter(({ state }) => state === 'on_whatsapp').length
  return (
    <>
      <p className="flat" role="status">
        {t('contacts.check.found', { count: there, all: checked.length })}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
      <div className="check-results" tabIndex={0}>
        <table className="table">
          <tbody>
            {checked.map(({ number, state, id, phone }) => (
              <tr key={number}>
                <td>{number}</td>
                <td>
                  <span className={`tl-pill tl-tone-${TONES[state]}`}>{t(`contacts.check.${state}`)}</span>
                </td>
                <td>
                  {id === undefined ? null : (
                    <Link href={`/sessions/${sessionId}?tab=chats&chat=${encodeURIComponent(phone ?? id)}`}>
                      {t('contacts.write')}
                    </Link>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

/** A table that other programs open. */
function download(checked: readonly CheckedNumber[]): void {
  const rows = checked.map(({ number, state, phone = '', id = '' }) => [number, state, phone, id])
  const lines = [['number', 'state', 'phone', 'id'], ...rows].map((row) => row.map(quoted).join(','))
  const url = URL.createObjectURL(new Blob([`${lines.join('\r\n')}\r\n`], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'numbers.csv'
  link.click()
  URL.revokeObjectURL(url)
}

/** A cell that begins like a formula would be run as one. */
function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""').replace(/^[=@\t\r]/, "'$&")}"`
}
