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
      <div>
        <div className="message-mark" />
        <h1>{title}</h1>
        <div className="message-text">{children}</div>
        {actions ? <div className="message-actions">{actions}</div> : null}
        {note ? <p className="message-note">{note}</p> : null}
      </div>
    </div>
  );
}

/**
 * The looks of `Button` on the pages that show an error. Those ship with every other page, several times: so they
 * contain neither Button nor Link, and how they look is in globals.css.
 */
export const messageAction = {
  primary: "message-action message-action-primary",
  secondary: "message-action message-action-secondary",
} as const;
