"use client";

import { CircleUser, LogOut, Monitor, Moon, Sun } from "lucide-react";
import Link from "next/link";
import { useTheme } from "next-themes";
import { roleWords } from "@/components/people/role-words";
import type { Person } from "@/components/shell/navigation";
import { UserMenuButton } from "@/components/shell/user-menu-button";
import { Badge } from "@/components/ui/badge";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuLink,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";

async function leave() {
  const { signOut } = await import("next-auth/react");
  await signOut({ callbackUrl: "/sign-in" });
}

export default function UserMenuContent({ person }: { person: Person }) {
  return (
    <DropdownMenu defaultOpen>
      <DropdownMenuTrigger>
        <UserMenuButton person={person} />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" side="top" className="w-60">
        <div className="flex items-start justify-between gap-2 px-2 pt-1.5 pb-2">
          <div className="min-w-0">
            <p className="truncate font-medium">{person.name}</p>
            <p className="truncate text-muted text-xs">{person.email}</p>
          </div>
          <Badge>{roleWords[person.role].label}</Badge>
        </div>
        <DropdownMenuSeparator />
        <DropdownMenuLink>
          <Link href="/settings/account">
            <CircleUser aria-hidden="true" className="text-muted" />
            Your account
          </Link>
        </DropdownMenuLink>
        <DropdownMenuSeparator />
        <ThemeChoice />
        <DropdownMenuSeparator />
        <DropdownMenuItem
          icon={<LogOut aria-hidden="true" />}
          onSelect={() => {
            void leave();
          }}
        >
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

const choices = [
  { value: "system", label: "System", icon: Monitor },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
] as const;

/** For a menu, which is rendered only after a press: the theme is known by then. */
function ThemeChoice() {
  const { theme, setTheme } = useTheme();
  return (
    <>
      <DropdownMenuLabel>Theme</DropdownMenuLabel>
      <DropdownMenuRadioGroup value={theme ?? "system"} onValueChange={setTheme}>
        {choices.map(({ value, label, icon: Icon }) => (
          <DropdownMenuRadioItem
            key={value}
            value={value}
            icon={<Icon aria-hidden="true" />}
            onSelect={(event) => event.preventDefault()}
          >
            {label}
          </DropdownMenuRadioItem>
        ))}
      </DropdownMenuRadioGroup>
    </>
  );
}
