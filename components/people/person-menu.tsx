"use client";

import { useQueryClient } from "@tanstack/react-query";
import {
  Ellipsis,
  KeyRound,
  LockOpen,
  ShieldOff,
  Smartphone,
  Trash2,
  Unlink,
  UserCheck,
} from "lucide-react";
import Link from "next/link";
import { lazy, Suspense, useState } from "react";
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
import { peopleChanged } from "@/lib/queries/people";
import { personPageChanged } from "@/lib/queries/person";
import { resetTwoFactor } from "@/lib/queries/two-factor";

// A list of people need not load the code that says what ends.
const AccessDialog = lazy(() => import("@/components/people/access-dialog"));
const DeleteDialog = lazy(() => import("@/components/people/delete-dialog"));

type Choice = "reset link" | "two-factor" | "single sign-on" | "access" | "delete";

/** @param size `md` beside other buttons; the row of a list has a small one without a border */
export function PersonMenu({ person, size = "sm" }: { person: Person; size?: "sm" | "md" }) {
  const { item, dialog, onCloseAutoFocus } = useMenuDialogs<Choice>();
  const access = dialog("access");
  const deletion = dialog("delete");
  const [asked, setAsked] = useState(false);
  if ((access.open || deletion.open) && !asked) setAsked(true);

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton
            label={`Actions for ${person.name}`}
            size={size}
            variant={size === "md" ? "secondary" : "ghost"}
          >
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
          {person.twoFactor ? (
            <DropdownMenuItem icon={<Smartphone />} {...item("two-factor")}>
              Reset two-factor authentication…
            </DropdownMenuItem>
          ) : null}
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
          <DropdownMenuItem icon={<Trash2 />} tone="danger" {...item("delete")}>
            Delete…
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <ResetLinkDialog person={person} {...dialog("reset link")} />
      <ResetSingleSignOnDialog person={person} {...dialog("single sign-on")} />
      <ResetTwoFactorDialog person={person} {...dialog("two-factor")} />
      <Suspense>
        {asked ? (
          <>
            <AccessDialog person={person} {...access} />
            <DeleteDialog person={person} {...deletion} />
          </>
        ) : null}
      </Suspense>
    </>
  );
}

/** For a person who lost their authenticator app and their recovery codes. */
function ResetTwoFactorDialog({ person, open, onOpenChange }: PersonDialogProps) {
  const queryClient = useQueryClient();
  const { id, name } = person;

  async function reset() {
    await resetTwoFactor(id);
    toast.success(`Two-factor authentication reset for ${name}`);
    await Promise.all([peopleChanged(queryClient), personPageChanged(queryClient, id)]);
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Reset two-factor authentication for ${name}?`}
      consequences={[
        "They can sign in with only their password. Make sure that the request really comes from them.",
        "Codes from their authenticator app and their recovery codes stop working.",
        "They are signed out everywhere.",
      ]}
      confirmLabel="Reset two-factor authentication"
      onConfirm={reset}
    />
  );
}

/** For a person who is now another user at the identity provider, for example after it was set up again. */
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
