import type { ComponentProps, ReactNode } from "react";
import { cn } from "./class-names";

/*
 * If its container is narrower than 40 rem (a phone, or beside the chat) each row becomes a
 * block and each cell shows its `label`. The roles are explicit because `display: block` removes
 * the table semantics.
 */
const role = {
  table: { role: "table" },
  rowgroup: { role: "rowgroup" },
  row: { role: "row" },
  columnheader: { role: "columnheader" },
  cell: { role: "cell" },
} as const;

export function Table({
  caption,
  className,
  children,
  ...props
}: ComponentProps<"table"> & {
  /** What the table lists; for screen readers. */
  caption: string;
}) {
  return (
    <div className="@container min-w-0">
      <div className={cn("overflow-hidden rounded-lg border border-border bg-surface", className)}>
        <table {...props} {...role.table} className="w-full border-collapse text-sm @max-2xl:block">
          <caption className="sr-only">{caption}</caption>
          {children}
        </table>
      </div>
    </div>
  );
}

export function TableHead({ children }: { children: ReactNode }) {
  return (
    <thead {...role.rowgroup} className="border-border border-b bg-sunken @max-2xl:sr-only">
      <tr {...role.row}>{children}</tr>
    </thead>
  );
}

export function TableBody({ children }: { children: ReactNode }) {
  return (
    <tbody {...role.rowgroup} className="divide-y divide-border @max-2xl:block">
      {children}
    </tbody>
  );
}

export function TableRow({ className, ...props }: ComponentProps<"tr">) {
  return (
    <tr
      {...props}
      {...role.row}
      className={cn(
        "relative transition-colors has-[a[data-row-link]]:hover:bg-hover",
        "@max-2xl:grid @max-2xl:grid-cols-2 @max-2xl:gap-x-4 @max-2xl:gap-y-1.5 @max-2xl:px-4 @max-2xl:py-3 @max-md:grid-cols-1",
        className,
      )}
    />
  );
}

export function TableHeader({ className, ...props }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      {...props}
      {...role.columnheader}
      className={cn(
        "h-8 whitespace-nowrap px-3 text-left font-medium text-muted text-xs first:pl-4 last:pr-4",
        className,
      )}
    />
  );
}

export function TableCell({
  label,
  actions = false,
  className,
  children,
  ...props
}: ComponentProps<"td"> & {
  /** The column's name, shown beside the value when rows are stacked. Omit it for the first cell. */
  label?: string | undefined;
  /** Buttons: at the right end; above a link that covers the row. */
  actions?: boolean | undefined;
}) {
  return (
    <td
      {...props}
      {...role.cell}
      className={cn(
        "h-11 px-3 py-1.5 align-middle first:pl-4 last:pr-4",
        "@max-2xl:flex @max-2xl:h-auto @max-2xl:min-w-0 @max-2xl:items-center @max-2xl:gap-3 @max-2xl:p-0 @max-2xl:first:col-span-full @max-2xl:first:pl-0 @max-2xl:last:pr-0",
        actions && "relative text-right @max-2xl:absolute @max-2xl:top-2.5 @max-2xl:right-3",
        className,
      )}
    >
      {label ? (
        <span
          aria-hidden="true"
          className="hidden w-24 shrink-0 font-sans text-muted text-xs @max-2xl:block"
        >
          {label}
        </span>
      ) : null}
      {children}
    </td>
  );
}

/** For the link in a row's first cell: its target covers the whole row. Set `data-row-link` with it. */
export const rowLinkStyles =
  "font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ring";
