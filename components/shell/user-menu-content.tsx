"use client";

import { CircleUser, LogOut } from "lucide-react";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLink,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import type { Person } from "./person";
import { ThemeChoice } from "./theme-choice";
import { UserMenuButton } from "./user-menu-button";

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
          <Badge>{person.role === "ADMIN" ? "Admin" : "Member"}</Badge>
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
