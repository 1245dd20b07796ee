import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { ProblemError } from "@/lib/queries/fetch-json";

/**
 * Shows what the API says about a field at that field, and focuses the first one. Returns the
 * messages that belong to no field of the form, to be shown above it; null if all were placed.
 * @param fields those on the page, from top to bottom
 */
export function showProblem<Values extends FieldValues>(
  form: Pick<UseFormReturn<Values>, "setError" | "setFocus">,
  error: unknown,
  fields: readonly Path<Values>[],
): string | null {
  if (!(error instanceof ProblemError)) return "Something went wrong. Try again.";
  const told = Object.entries(error.fields).map(([path, message]) => ({
    field: fields.find((field) => path === field || path.startsWith(`${field}.`)),
    message,
  }));
  for (const { field, message } of told) {
    if (field) form.setError(field, { type: "server", message });
  }
  const first = fields.find((field) => told.some((each) => each.field === field));
  // In the next frame: until then the button has just stopped being busy and the field is rerendered.
  if (first) requestAnimationFrame(() => form.setFocus(first));
  const homeless = told.filter(({ field }) => !field).map(({ message }) => message);
  if (homeless.length > 0) return homeless.join(" ");
  return first ? null : error.message;
}

/** Scrolls the first invalid field, in page order, into view and focuses it. */
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
