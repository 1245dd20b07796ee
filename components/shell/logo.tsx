/**
 * The mark: a lit doorway, its light on the floor. The same in light and dark.
 *
 * @param className with a size; it merges nothing, as pages that show an error bundle everything they use
 */
export function LogoMark({ className = "size-6" }: { className?: string | undefined }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" aria-hidden="true" className={className}>
      <rect width="24" height="24" rx="6.5" fill="#006a72" />
      <path d="M8 16.6V8.8a4 4 0 0 1 8 0v7.8z" fill="#fff" />
      <path d="M8 17.4h8l2.9 4H5.1z" fill="#fff" opacity="0.5" />
    </svg>
  );
}

export function Logo() {
  return (
    <span className="inline-flex items-center gap-2">
      <LogoMark />
      <span className="font-semibold text-lg tracking-tight">Usher</span>
    </span>
  );
}
