import { ChevronRight } from "lucide-react";
import Link from "next/link";

type Breadcrumb = { label: string; href: string };

/** @param pages above this one, nearest last */
export function Breadcrumbs({ pages }: { pages: readonly Breadcrumb[] }) {
  return (
    <nav aria-label="Breadcrumbs">
      <ol className="flex flex-wrap items-center gap-1 text-muted text-xs">
        {pages.map((page, index) => (
          <li key={page.href} className="flex items-center gap-1">
            {index === 0 ? null : <ChevronRight aria-hidden="true" className="size-3 text-faint" />}
            <Link href={page.href} className="rounded-xs hover:text-text">
              {page.label}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}
