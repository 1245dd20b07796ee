"use client";

import { ownerName } from "@/components/connections/console/impact";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field } from "@/components/ui/fields/field";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { useRequestedLink } from "@/components/ui/overlay/use-requested-link";
import type { ConsoleConnection } from "@/lib/contracts/connections/connection-console";
import { askToAuthorizeAgain } from "@/lib/queries/connection-console";
import { oneLine } from "@/lib/untrusted-text";

/** Gives a link to hand over. It is requested on click, since the request is recorded in the audit. */
export function AskAgainDialog({
  row,
  open,
  onOpenChange,
}: {
  row: ConsoleConnection;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { link, pending, problem, change, create } = useRequestedLink(
    async () => (await askToAuthorizeAgain(row.id)).link,
    onOpenChange,
  );
  const who = row.person ? ownerName(row) : "another admin";

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={link ? "Share this link" : `Ask ${who} to authorize ${oneLine(row.serverName)} again?`}
      footer={
        link ? (
          <DialogClose asChild>
            <Button variant="primary">Done</Button>
          </DialogClose>
        ) : (
          <>
            <DialogClose asChild>
              <Button disabled={pending}>Cancel</Button>
            </DialogClose>
            <Button variant="primary" loading={pending} onClick={() => void create()}>
              Get link
            </Button>
          </>
        )
      }
    >
      {link ? (
        <Field
          label={<span className="[overflow-wrap:anywhere]">Link for {who}</span>}
          hint={
            row.person
              ? "Opens their own connection. They sign in first."
              : "Opens the server’s page. Any admin can authorize there."
          }
        >
          <CopyField value={link} copyLabel="Copy the link" autoFocus />
        </Field>
      ) : (
        <div className="grid gap-3">
          <p className="text-muted">
            {row.isKey
              ? "You get a link to share. The audit notes that you asked."
              : `${row.person ? "They see" : "Admins see"} it under Notices, and you get a link to share. The audit notes that you asked.`}
          </p>
          {problem ? <Callout tone="danger" title={problem} announce /> : null}
        </div>
      )}
    </Dialog>
  );
}
