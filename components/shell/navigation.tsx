"use client";

import {
  Bot,
  KeyRound,
  MessagesSquare,
  RefreshCw,
  ScrollText,
  Server,
  Settings,
  Users,
} from "lucide-react";
import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import type { ComponentType, ReactNode } from "react";
import { cn } from "@/components/ui/class-names";
import type { GetStartedView } from "@/lib/contracts/get-started";
import type { Role } from "@/lib/contracts/people/person";

/** Who is signed in, as far as the shell needs to know. */
export type Person = {
  name: string;
  email: string;
  role: Role;
  /** The first steps, of an admin who still sees them; null: they do not. */
  getStarted: GetStartedView | null;
};

/** Who sees the pages of administration. What they may do is lib/session/permissions.ts. */
export const administers = { ADMIN: true, MEMBER: false } as const satisfies Record<Role, boolean>;

/*
 * Between 64 and 80 rem, with the chat beside the page, the navigation shrinks to a rail of icons, so
 * that the page keeps at least 36 rem. `group/shell` and `data-chat` are set in workspace-shell.tsx.
 */

/** For words: out of sight in the rail, still there for screen readers. */
export const railHidden = "lg:max-xl:group-data-[chat=open]/shell:sr-only";

export const railWidth = "w-58 lg:max-xl:group-data-[chat=open]/shell:w-14";

export type Place = {
  href: string;
  label: string;
  icon: ComponentType<{ className: string; "aria-hidden": "true" }>;
  forAdmins?: boolean;
};

const places: readonly Place[] = [
  { href: "/mcp-servers", label: "MCP Servers", icon: Server, forAdmins: true },
  { href: "/connections", label: "Connections", icon: KeyRound },
  { href: "/assistants", label: "Assistants", icon: Bot },
  { href: "/chat", label: "Chat", icon: MessagesSquare },
];

const adminPlaces: readonly Place[] = [
  { href: "/refreshes", label: "Refreshes", icon: RefreshCw },
  { href: "/people", label: "People", icon: Users },
  { href: "/audit", label: "Audit", icon: ScrollText },
  { href: "/settings", label: "Settings", icon: Settings },
];

/** @param children at the end of the row, such as a count */
export function PlaceLink({
  place: { href, label, icon: Icon },
  onNavigate,
  children,
}: {
  place: Place;
  onNavigate?: (() => void) | undefined;
  children?: ReactNode;
}) {
  const pathname = usePathname();
  const here = pathname === href || pathname.startsWith(`${href}/`);
  return (
    <li>
      <Link
        href={href}
        // The whole page, so a click shows it at once. Its lists are fetched separately.
        prefetch
        title={label}
        aria-current={here ? (pathname === href ? "page" : "true") : undefined}
        onClick={onNavigate}
        className={cn(
          "flex h-8 items-center gap-2.5 rounded-md px-2 font-medium text-muted text-sm transition-colors hover:bg-hover hover:text-text pointer-coarse:h-10",
          here && "bg-pressed text-text hover:bg-pressed",
        )}
      >
        <PlaceIcon icon={Icon} here={here} />
        <span className={railHidden}>{label}</span>
        {children}
      </Link>
    </li>
  );
}

/** Pulses where the page takes its time; until it is there, the old one stays. */
function PlaceIcon({ icon: Icon, here }: { icon: Place["icon"]; here: boolean }) {
  const { pending } = useLinkStatus();
  return (
    <Icon
      aria-hidden="true"
      className={cn(
        "size-4 shrink-0",
        here ? "text-accent-text" : "text-faint",
        pending && "animate-pulse-late",
      )}
    />
  );
}

/** @param getStarted its entry, above all others */
export function Navigation({
  person,
  getStarted,
  onNavigate,
}: {
  person: Person;
  getStarted: ReactNode;
  onNavigate?: (() => void) | undefined;
}) {
  const admin = administers[person.role];
  return (
    <nav aria-label="Main" className="grid gap-4">
      <ul className="grid gap-px">
        {getStarted}
        {places
          .filter((place) => admin || !place.forAdmins)
          .map((place) => (
            <PlaceLink key={place.href} place={place} onNavigate={onNavigate} />
          ))}
      </ul>
      {admin ? (
        <div>
          <p
            id="administration"
            className={cn("px-2 pb-1 font-medium text-faint text-xs", railHidden)}
          >
            Administration
          </p>
          <ul aria-labelledby="administration" className="grid gap-px">
            {adminPlaces.map((place) => (
              <PlaceLink key={place.href} place={place} onNavigate={onNavigate} />
            ))}
          </ul>
        </div>
      ) : null}
    </nav>
  );
}
