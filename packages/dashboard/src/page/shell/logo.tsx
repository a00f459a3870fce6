/** Many lines that become one. */
export function Logo({ small = false }: { small?: boolean }) {
  return (
    <span className={small ? 'logo logo-small' : 'logo'}>
      <svg viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="9" className="logo-ground" />
        <g className="logo-lines">
          <path d="M7 10h4c5 0 4 6 9 6h5" />
          <path d="M7 16h18" />
          <path d="M7 22h4c5 0 4-6 9-6" />
        </g>
      </svg>
      <span>Trunkline</span>
    </span>
  )
}
