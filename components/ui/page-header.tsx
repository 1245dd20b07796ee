import type { ReactNode } from "react";
import { cn } from "./class-names";

const widths = { narrow: "max-w-3xl", default: "max-w-5xl" } as const;

/** A page's column: `narrow` for forms and reading, `default` for lists. */
export function Page({
  width = "default",
  children,
}: {
  width?: keyof typeof widths | undefined;
  children: ReactNode;
}) {
  return (
    <div
      className={cn(
        "mx-auto grid w-full min-w-0 content-start gap-6 px-4 pt-5 pb-16 sm:px-6 sm:pt-7 lg:px-8",
        widths[width],
      )}
    >
      {children}
    </div>
  );
}

export type PageHeaderProps = {
  title: ReactNode;
  description?: ReactNode;
  /** A `Breadcrumbs`; a top-level page has none and does not load its code. */
  breadcrumbs?: ReactNode;
  /** A badge or two after the title. */
  badges?: ReactNode;
  actions?: ReactNode;
};

export function PageHeader({ title, description, breadcrumbs, badges, actions }: PageHeaderProps) {
  return (
    <header className="grid min-w-0 gap-2">
      {breadcrumbs}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">
              {title}
            </h1>
            {badges}
          </div>
          {description ? (
            <div className="mt-0.5 max-w-[68ch] text-pretty text-base text-muted">
              {description}
            </div>
          ) : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
    </header>
  );
}
