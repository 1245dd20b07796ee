import type { ReactNode } from "react";

/** A page that is one message: nothing found, an error, a link that no longer works. */
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
    <div className="message-page">
      <div className="w-full max-w-md">
        <div className="message-mark" />
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

/**
 * The looks of `Button` on the pages that show an error. Those ship with every other page, several times: so they
 * contain neither Button nor Link, and their looks are in globals.css.
 */
export const messageAction = {
  primary: "message-action message-action-primary",
  secondary: "message-action message-action-secondary",
} as const;
