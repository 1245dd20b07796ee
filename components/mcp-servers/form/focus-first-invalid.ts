/** Brings the first wrong field, in the order of the page, into view and into focus. */
export function focusFirstInvalid(form: HTMLElement | null): void {
  // The errors are on the page after the next paint.
  requestAnimationFrame(() => {
    const invalid = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (!invalid) return;
    const folded = invalid.closest<HTMLDetailsElement>("details:not([open])");
    if (folded) folded.open = true;
    const control =
      invalid instanceof HTMLFieldSetElement
        ? (invalid.querySelector<HTMLElement>("input:checked") ?? invalid.querySelector("input"))
        : invalid;
    control?.focus({ preventScroll: true });
    control?.scrollIntoView({ block: "center" });
  });
}
