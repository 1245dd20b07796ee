import type { ReactNode } from "react";

export type Definition = { term: string; value: ReactNode };

/** Facts about one thing. A value that is null or undefined leaves its row out. */
export function DefinitionList({ items }: { items: readonly Definition[] }) {
  return (
    <dl className="@container divide-y divide-border text-sm">
      {items
        .filter((item) => item.value !== null && item.value !== undefined)
        .map((item) => (
          <div
            key={item.term}
            className="grid gap-x-4 px-4 py-2.5 @md:grid-cols-[minmax(8rem,12rem)_minmax(0,1fr)]"
          >
            <dt className="text-muted">{item.term}</dt>
            <dd className="min-w-0 [overflow-wrap:anywhere]">{item.value}</dd>
          </div>
        ))}
    </dl>
  );
}
