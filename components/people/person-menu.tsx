"use client";

import { Ellipsis, KeyRound, ShieldOff, Unlink, UserCheck } from "lucide-react";
import { useRef, useState } from "react";
import { IconButton } from "@/components/ui/icon-button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import type { Person } from "@/lib/contracts/people/person";
import { AccessDialog } from "./access-dialog";
import { ResetLinkDialog } from "./reset-link-dialog";
import { ResetSingleSignOnDialog } from "./reset-single-sign-on-dialog";

type Choice = "reset link" | "single sign-on" | "access";

/** What an admin may do to somebody else's account. */
export function PersonMenu({ person }: { person: Person }) {
  const chosen = useRef<Choice | null>(null);
  const [open, setOpen] = useState<Choice | null>(null);
  const dialog = (choice: Choice) => ({
    person,
    open: open === choice,
    onOpenChange: (next: boolean) => setOpen(next ? choice : null),
  });
  const item = (choice: Choice) => ({
    onSelect: () => {
      chosen.current = choice;
    },
  });

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label={`Actions for ${person.name}`} size="sm">
            <Ellipsis aria-hidden="true" />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent
          onCloseAutoFocus={() => {
            // Only now: the dialog gives the focus back to what had it when it opened.
            setOpen(chosen.current);
            chosen.current = null;
          }}
        >
          <DropdownMenuItem icon={<KeyRound />} {...item("reset link")}>
            Create reset link…
          </DropdownMenuItem>
          {person.singleSignOn ? (
            <DropdownMenuItem icon={<Unlink />} {...item("single sign-on")}>
              Reset single sign-on…
            </DropdownMenuItem>
          ) : null}
          {person.disabled ? (
            <DropdownMenuItem icon={<UserCheck />} {...item("access")}>
              Enable…
            </DropdownMenuItem>
          ) : (
            <DropdownMenuItem icon={<ShieldOff />} tone="danger" {...item("access")}>
              Disable…
            </DropdownMenuItem>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <ResetLinkDialog {...dialog("reset link")} />
      <ResetSingleSignOnDialog {...dialog("single sign-on")} />
      <AccessDialog {...dialog("access")} />
    </>
  );
}
