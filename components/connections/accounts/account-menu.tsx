"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, KeyRound, Pencil, Star, StarOff, Unplug } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { toast } from "sonner";
import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { Button, IconButton } from "@/components/ui/button";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLink,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import { useMenuDialogs } from "@/components/ui/overlay/use-menu-dialogs";
import {
  type AccountChange,
  type AccountView,
  longestLabel,
} from "@/lib/contracts/connections/own-account";
import { revokeMessage } from "@/lib/contracts/connections/revoke-message";
import { formatDateTime } from "@/lib/contracts/format";
import { changeAccount, ownAccountsQuery, revokeConnection } from "@/lib/queries/connections";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";

type Props = {
  serverId: string;
  serverName: string;
  account: AccountView;
  title: string;
};

/** What a person may do with one of several accounts. */
export function AccountMenu({ returnTo, ...props }: Props & { returnTo: string }) {
  const { serverId, serverName, account, title } = props;
  const { item, onCloseAutoFocus, dialog } = useMenuDialogs<"rename" | "disconnect">();
  const change = useChange(props);
  const queryClient = useQueryClient();

  async function disconnect() {
    const result = await revokeConnection(serverId, "mine", account.account);
    toast.success(title, { description: revokeMessage(result, formatDateTime) });
    void mcpServerChanged(queryClient, serverId);
  }

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label={`Actions for ${title} at ${serverName}`} size="sm">
            <Ellipsis aria-hidden="true" />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent onCloseAutoFocus={onCloseAutoFocus}>
          <DropdownMenuItem icon={<Pencil />} {...item("rename")}>
            Rename…
          </DropdownMenuItem>
          {account.isDefault ? (
            <DropdownMenuItem
              icon={<StarOff />}
              onSelect={() => change.mutate({ isDefault: false })}
            >
              Ask before each call
            </DropdownMenuItem>
          ) : (
            <DropdownMenuItem icon={<Star />} onSelect={() => change.mutate({ isDefault: true })}>
              Make default
            </DropdownMenuItem>
          )}
          <DropdownMenuLink>
            <AuthorizeAnchor serverId={serverId} returnTo={returnTo} account={account.account}>
              <KeyRound aria-hidden="true" className="text-muted" />
              Authorize again
            </AuthorizeAnchor>
          </DropdownMenuLink>
          <DropdownMenuItem icon={<Unplug />} tone="danger" {...item("disconnect")}>
            Disconnect…
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <RenameAccount {...props} {...dialog("rename")} />
      <ConfirmDialog
        {...dialog("disconnect")}
        title={`Disconnect ${title}?`}
        consequences={[
          "Its tokens are deleted here, and the provider is asked to revoke them.",
          account.isDefault
            ? "It is your default: the chat asks before the next call which account to use."
            : `Your other accounts at ${serverName} stay connected.`,
        ]}
        confirmLabel="Disconnect"
        onConfirm={disconnect}
      />
    </>
  );
}

function useChange({ serverId, account }: Pick<Props, "serverId" | "account">) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: AccountChange) => changeAccount(serverId, account.account, change),
    onSuccess: (accounts) => {
      queryClient.setQueryData(ownAccountsQuery(serverId).queryKey, accounts);
      return mcpServerChanged(queryClient, serverId);
    },
    onError: (error) => {
      toast.error("The account was not changed", { description: error.message });
    },
  });
}

function RenameAccount({
  open,
  onOpenChange,
  ...props
}: Props & { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { account, title } = props;
  const form = useId();
  const [label, setLabel] = useState(account.label ?? "");
  const change = useChange(props);

  function submit(event: FormEvent) {
    event.preventDefault();
    event.stopPropagation();
    if (!change.isPending) change.mutate({ label }, { onSuccess: () => onOpenChange(false) });
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Rename ${title}`}
      size="sm"
      footer={
        <>
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <Button type="submit" form={form} variant="primary" loading={change.isPending}>
            Rename
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        <Field label="Label" hint="Only you see it. Leave empty for the provider’s name.">
          <Input
            value={label}
            placeholder={account.accountName ?? "Work"}
            maxLength={longestLabel}
            onChange={(event) => setLabel(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
