import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";

/** Stays in sight at the window's lower edge, however long the form. */
export function FormActions({
  submitLabel,
  saving,
  unsaved,
  children,
}: {
  submitLabel: string;
  saving: boolean;
  unsaved: boolean;
  /** What went wrong with the last try. */
  children: ReactNode;
}) {
  return (
    <div className="sticky bottom-0 z-10 -mx-4 -mb-16 grid gap-3 border-border border-t bg-surface px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:-mx-6 sm:px-6 lg:-mx-8 lg:px-8">
      {children}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p className="mr-auto text-muted text-xs">
          {unsaved && !saving ? "Unsaved changes" : null}
        </p>
        <Button asChild variant="ghost">
          <Link href="/assistants">Cancel</Link>
        </Button>
        <Button type="submit" variant="primary" loading={saving}>
          {submitLabel}
        </Button>
      </div>
    </div>
  );
}
