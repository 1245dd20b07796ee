"use client";

import {
  Bell,
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
import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { NoticeCount } from "@/components/notices/notice-count";
import { cn } from "@/components/ui/class-names";
import type { GetStartedView } from "@/lib/contracts/get-started";
import type { Role } from "@/lib/contracts/people/person";

/** The signed-in person, as far as the shell needs to know. */
export type Person = {
  name: string;
  email: string;
  role: Role;
  /** The first steps, for an admin who still sees them; null: they do not. */
  getStarted: GetStartedView | null;
  /** How many notices need attention, when the page loaded. */
  notices: number;
};

/** Who sees the administration pages. What they may do is in lib/session/permissions.ts. */
export const administers = {
  ADMIN: true,
  MEMBER: false,
  AUDITOR: false,
} as const satisfies Record<Role, boolean>;

const admins: readonly Role[] = ["ADMIN"];
const users: readonly Role[] = ["ADMIN", "MEMBER"];
const auditing: readonly Role[] = ["ADMIN", "AUDITOR"];

/*
 * Between 64 and 80 rem, with the chat beside the page, the navigation shrinks to a rail of icons, so
 * that the page keeps at least 36 rem. `group/shell` and `data-chat` are set in workspace-shell.tsx.
 */

/** For text: visually hidden in the rail, still available to screen readers. */
export const railHidden = "lg:max-xl:group-data-[chat=open]/shell:sr-only";

const railShown = "lg:max-xl:group-data-[chat=open]/shell:block";

export const railWidth = "w-58 lg:max-xl:group-data-[chat=open]/shell:w-14";

export type Place = {
  href: string;
  label: string;
  icon: ComponentType<{ className: string; "aria-hidden": "true" }>;
  /** Who sees it; absent: everyone. */
  roles?: readonly Role[];
};

const places: readonly Place[] = [
  { href: "/mcp-servers", label: "MCP Servers", icon: Server, roles: admins },
  { href: "/connections", label: "Connections", icon: KeyRound },
  { href: "/assistants", label: "Assistants", icon: Bot, roles: users },
  { href: "/chat", label: "Chat", icon: MessagesSquare, roles: users },
];
const notices: Place = { href: "/notices", label: "Notices", icon: Bell, roles: users };

const countClasses = { numberClass: railHidden, dotClass: railShown };
// The number is rendered with the page; the code that keeps it fresh may load later.
const FreshNoticeCount = lazy(() => import("@/components/notices/fresh-notice-count"));

const administrationPlaces: readonly Place[] = [
  { href: "/refreshes", label: "Refreshes", icon: RefreshCw, roles: auditing },
  { href: "/people", label: "People", icon: Users, roles: admins },
  { href: "/audit", label: "Audit", icon: ScrollText, roles: auditing },
  { href: "/settings", label: "Settings", icon: Settings, roles: admins },
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
          "relative flex h-8 items-center gap-2.5 rounded-md px-2 font-medium text-muted text-sm transition-colors hover:bg-hover hover:text-text pointer-coarse:h-10",
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

/** Pulses while the page is slow; until it has loaded, the old one stays. */
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
  const seen = ({ roles }: Place) => !roles || roles.includes(person.role);
  const administration = administrationPlaces.filter(seen);
  return (
    <nav aria-label="Main" className="grid gap-4">
      <ul className="grid gap-px">
        {getStarted}
        {places.filter(seen).map((place) => (
          <PlaceLink key={place.href} place={place} onNavigate={onNavigate} />
        ))}
        {seen(notices) ? (
          <PlaceLink place={notices} onNavigate={onNavigate}>
            <Suspense fallback={<NoticeCount count={person.notices} {...countClasses} />}>
              <FreshNoticeCount first={person.notices} {...countClasses} />
            </Suspense>
          </PlaceLink>
        ) : null}
      </ul>
      {administration.length > 0 ? (
        <div>
          <p
            id="administration"
            className={cn("px-2 pb-1 font-medium text-faint text-xs", railHidden)}
          >
            Administration
          </p>
          <ul aria-labelledby="administration" className="grid gap-px">
            {administration.map((place) => (
              <PlaceLink key={place.href} place={place} onNavigate={onNavigate} />
            ))}
          </ul>
        </div>
      ) : null}
    </nav>
  );
}
