import type { ReactNode } from "react";

/** A card that wants something of the person. */
export function PromptFrame({
  icon,
  title,
  children,
}: {
  icon: ReactNode;
  title: string;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={title}
      className="rounded-lg border border-accent-border bg-accent-subtle/50 p-3.5"
    >
      <div className="flex gap-3">
        <span
          aria-hidden="true"
          className="flex size-8 shrink-0 items-center justify-center rounded-md border border-accent-border bg-surface text-accent-text [&_svg]:size-4"
        >
          {icon}
        </span>
        <div className="grid min-w-0 flex-1 gap-2.5">
          <p className="pt-1 font-semibold text-base leading-6 tracking-tight [overflow-wrap:anywhere]">
            {title}
          </p>
          {children}
        </div>
      </div>
    </section>
  );
}

/** What is left of it when it is over. */
export function QuietLine({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className="flex min-h-5 items-start gap-2 text-muted text-sm [overflow-wrap:anywhere]">
      <span aria-hidden="true" className="flex h-5 items-center [&_svg]:size-4">
        {icon}
      </span>
      <span>{children}</span>
    </p>
  );
}
