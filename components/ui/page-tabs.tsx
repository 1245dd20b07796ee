"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/components/ui/class-names";

/** On a phone the current tab may be beyond the edge. Only the tabs scroll, not the page. */
function scrollToMiddle(tab: HTMLLIElement | null): void {
  const tabs = tab?.parentElement;
  if (!tab || !tabs) return;
  const [own, all] = [tab.getBoundingClientRect(), tabs.getBoundingClientRect()];
  tabs.scrollLeft += own.left - all.left - (all.width - own.width) / 2;
}

/** Pages that belong together, as tabs below their title. */
export function PageTabs({
  label,
  places,
}: {
  label: string;
  places: readonly { href: string; label: string }[];
}) {
  const pathname = usePathname();
  return (
    // Its width is the page’s: overflowing tabs scroll inside it.
    <nav aria-label={label} className="contain-inline-size border-border border-b">
      <ul className="-mb-px flex gap-4 overflow-x-auto pb-px">
        {places.map((place) => (
          <li key={place.href} ref={pathname === place.href ? scrollToMiddle : null}>
            <Link
              href={place.href}
              aria-current={pathname === place.href ? "page" : undefined}
              className={cn(
                "relative flex h-9 items-center whitespace-nowrap rounded-sm font-medium text-muted text-sm transition-colors hover:text-text focus-visible:outline-offset-[-2px] pointer-coarse:h-11",
                "after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:rounded-full",
                "aria-[current=page]:text-text aria-[current=page]:after:bg-accent",
              )}
            >
              {place.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
