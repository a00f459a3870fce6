import { type ComponentProps, type ReactNode, useId } from 'react'

interface Around {
  label: string
  hint?: string
  /** What is wrong with what was given. */
  problem?: string | undefined
}

export interface TextFieldProps extends Around, Omit<ComponentProps<'input'>, 'className' | 'id'> {
  after?: ReactNode
}

export function TextField({ label, hint, problem, after, ...input }: TextFieldProps) {
  const id = useId()
  const about = `${id}-about`
  const hasMore = problem !== undefined || hint !== undefined
  return (
    <div className="tl-field">
      <label htmlFor={id}>{label}</label>
      <div className="tl-input-row">
        <input
          {...input}
          id={id}
          className="tl-input"
          aria-invalid={problem !== undefined || undefined}
          aria-describedby={hasMore ? about : undefined}
        />
        {after}
      </div>
      {hasMore ? (
        <p id={about} className={problem === undefined ? 'tl-hint' : 'tl-hint tl-bad-text'}>
          {problem ?? hint}
        </p>
      ) : null}
    </div>
  )
}

export interface TextAreaFieldProps extends Around, Omit<ComponentProps<'textarea'>, 'className' | 'id'> {}

/** Several lines. */
export function TextAreaField({ label, hint, problem, ...area }: TextAreaFieldProps) {
  const id = useId()
  const about = `${id}-about`
  const hasMore = problem !== undefined || hint !== undefined
  return (
    <div className="tl-field">
      <label htmlFor={id}>{label}</label>
      <textarea
        rows={3}
        {...area}
        id={id}
        className="tl-input tl-area"
        aria-invalid={problem !== undefined || undefined}
        aria-describedby={hasMore ? about : undefined}
      />
      {hasMore ? (
        <p id={about} className={problem === undefined ? 'tl-hint' : 'tl-hint tl-bad-text'}>
          {problem ?? hint}
        </p>
      ) : null}
    </div>
  )
}

export interface SelectFieldProps extends Around, Omit<ComponentProps<'select'>, 'className' | 'id'> {}

export function SelectField({ label, hint, problem, children, ...select }: SelectFieldProps) {
  const id = useId()
  return (
    <div className="tl-field">
      <label htmlFor={id}>{label}</label>
      <select {...select} id={id} className="tl-input tl-select">
        {children}
      </select>
      {problem !== undefined || hint !== undefined ? (
        <p className={problem === undefined ? 'tl-hint' : 'tl-hint tl-bad-text'}>{problem ?? hint}</p>
      ) : null}
    </div>
  )
}

export interface SwitchProps {
  label: string
  hint?: string
  checked: boolean
  disabled?: boolean
  onChange(checked: boolean): void
}

export function Switch({ label, hint, checked, disabled = false, onChange }: SwitchProps) {
  const id = useId()
  return (
    <div className="tl-switch-row">
      <div>
        <label htmlFor={id}>{label}</label>
        {hint === undefined ? null : (
          <p id={`${id}-hint`} className="tl-hint">
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        className="tl-switch"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  )
}
