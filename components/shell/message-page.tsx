import type { ReactNode } from "react";
import { LogoMark } from "@/components/shell/logo";

/** A page that is one message: nothing found, something broke, a link that no longer works. */
export function MessagePage({
  title,
  children,
  actions,
  note,
}: {
  title: string;
  /** What happened and what to do next. */
  children: ReactNode;
  actions?: ReactNode;
  /** A line in small print, such as a reference for the operator. */
  note?: ReactNode;
}) {
  return (
    <div className="flex min-h-[min(100dvh,44rem)] flex-col items-center justify-center px-6 py-16">
      <div className="w-full max-w-md">
        <LogoMark className="mb-5 size-9" />
        <h1 className="font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">{title}</h1>
        <div className="mt-1.5 text-pretty text-base text-muted [overflow-wrap:anywhere]">
          {children}
        </div>
        {actions ? <div className="mt-5 flex flex-wrap gap-2">{actions}</div> : null}
        {note ? <p className="mt-6 font-mono text-faint text-xs">{note}</p> : null}
      </div>
    </div>
  );
}

const look =
  "inline-flex h-8 items-center rounded-md px-3 font-medium text-sm shadow-control transition-colors pointer-coarse:h-10";

/**
 * The looks of `Button` on the pages that show an error. Those come with every other page, so they
 * bring neither Button nor Link.
 */
export const messageAction = {
  primary: `${look} bg-accent text-on-accent hover:bg-accent-hover`,
  secondary: `${look} border border-border-strong bg-surface text-text hover:bg-sunken dark:bg-raised dark:hover:bg-pressed`,
} as const;
