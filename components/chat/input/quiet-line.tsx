import type { ReactNode } from "react";

/** The outcome of a request, or that it is about to come. */
export function QuietLine({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className="flex min-h-5 items-start gap-2 text-muted text-sm [overflow-wrap:anywhere]">
      <span aria-hidden="true" className="flex h-5 items-center [&_svg]:size-4">
        {icon}
      </span>
      <span className="min-w-0">{children}</span>
    </p>
  );
}
