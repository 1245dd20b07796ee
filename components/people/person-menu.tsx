"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis, KeyRound, LockOpen, ShieldOff, Unlink, UserCheck } from "lucide-react";
import Link from "next/link";
import { toast } from "sonner";
import { type PersonDialogProps, ResetLinkDialog } from "@/components/people/reset-link-dialog";
import { IconButton } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLink,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import { useMenuDialogs } from "@/components/ui/overlay/use-menu-dialogs";
import type { Person } from "@/lib/contracts/people/person";
import { resetSingleSignOn } from "@/lib/queries/account";
import { changePerson, peopleChanged } from "@/lib/queries/people";

type Choice = "reset link" | "single sign-on" | "access";

export function PersonMenu({ person }: { person: Person }) {
  const { item, dialog, onCloseAutoFocus } = useMenuDialogs<Choice>();

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label={`Actions for ${person.name}`} size="sm">
            <Ellipsis aria-hidden="true" />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent onCloseAutoFocus={onCloseAutoFocus}>
          <DropdownMenuLink>
            <Link href={`/people/${person.id}/access`}>
              <LockOpen aria-hidden="true" className="text-muted" />
              Access
            </Link>
          </DropdownMenuLink>
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
      <ResetLinkDialog person={person} {...dialog("reset link")} />
      <ResetSingleSignOnDialog person={person} {...dialog("single sign-on")} />
      <AccessDialog person={person} {...dialog("access")} />
    </>
  );
}

function AccessDialog({ person, open, onOpenChange }: PersonDialogProps) {
  const queryClient = useQueryClient();
  const { name, disabled } = person;
  const verb = disabled ? "Enable" : "Disable";

  async function change() {
    await changePerson(person.id, { disabled: !disabled });
    toast.success(disabled ? `${name} can sign in again` : `${name} is disabled`);
    await peopleChanged(queryClient);
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`${verb} ${name}?`}
      consequences={
        disabled
          ? [
              "They can sign in again, with the same password and role.",
              "Their conversations are still there. They connect their accounts again.",
            ]
          : [
              "They are signed out everywhere on their next request.",
              "They cannot sign in again until an admin enables them.",
              "Their accounts are revoked at the providers and deleted here. Conversations are kept.",
            ]
      }
      confirmLabel={verb}
      tone={disabled ? "primary" : "danger"}
      onConfirm={change}
    />
  );
}

/** For somebody who is another user at the identity provider now, such as after it was set up again. */
function ResetSingleSignOnDialog({ person, open, onOpenChange }: PersonDialogProps) {
  const queryClient = useQueryClient();
  const { id, name } = person;

  async function reset() {
    await resetSingleSignOn(id);
    toast.success(`Single sign-on reset for ${name}`);
    await peopleChanged(queryClient);
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Reset single sign-on for ${name}?`}
      consequences={[
        "Their current user at the identity provider can no longer sign in to this account.",
        "Whoever signs in next with their verified email address is linked to it.",
        "Open sessions stay signed in.",
      ]}
      confirmLabel="Reset single sign-on"
      onConfirm={reset}
    />
  );
}
