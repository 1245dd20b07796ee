import type { ReactNode } from "react";

/** How something that was asked for ended, or that it is about to. */
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
