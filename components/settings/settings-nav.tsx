"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/components/ui/class-names";

const places: readonly { href: string; label: string; forAdmins?: true }[] = [
  { href: "/settings", label: "This installation", forAdmins: true },
  { href: "/settings/models", label: "Models", forAdmins: true },
  { href: "/settings/doctor", label: "Doctor", forAdmins: true },
  { href: "/settings/account", label: "Your account" },
  { href: "/settings/api-keys", label: "API keys" },
  { href: "/settings/api", label: "API" },
];

export function SettingsNav({ admin }: { admin: boolean }) {
  const pathname = usePathname();
  const shown = places.filter(({ forAdmins }) => admin || !forAdmins);
  return (
    // Its width is the page’s: what does not fit scrolls in it.
    <nav aria-label="Settings" className="contain-inline-size border-border border-b">
      <ul className="-mb-px flex gap-4 overflow-x-auto pb-px">
        {shown.map(({ href, label }) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={pathname === href ? "page" : undefined}
              className={cn(
                "relative flex h-9 items-center whitespace-nowrap rounded-sm font-medium text-muted text-sm transition-colors hover:text-text focus-visible:outline-offset-[-2px] pointer-coarse:h-11",
                "after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:rounded-full",
                "aria-[current=page]:text-text aria-[current=page]:after:bg-accent",
              )}
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
