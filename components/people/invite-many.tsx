"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { Download } from "lucide-react";
import { Controller, useForm } from "react-hook-form";
import { roleWords } from "@/components/people/role-words";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { downloadText } from "@/components/ui/download-text";
import { DialogForm } from "@/components/ui/fields/dialog-form";
import { Field } from "@/components/ui/fields/field";
import { Select } from "@/components/ui/fields/select";
import { Textarea } from "@/components/ui/fields/textarea";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { CopyButton } from "@/components/ui/text/copy-button";
import {
  type InviteManyInput,
  type InviteManyResult,
  type InviteManyRow,
  inviteManyInput,
} from "@/lib/contracts/people/invite-many";
import { inviteMany } from "@/lib/queries/people";

const fields = ["text", "role"] as const;
const roles = (["MEMBER", "AUDITOR", "ADMIN"] as const).map((value) => ({
  value,
  label: roleWords[value].label,
}));

/** Its button is in the dialog's footer, tied to it by `id`. */
export function InviteManyForm({
  id,
  onPending,
  onInvited,
}: {
  id: string;
  onPending: (pending: boolean) => void;
  onInvited: (result: InviteManyResult) => void;
}) {
  const form = useForm<InviteManyInput>({
    resolver: zodResolver(inviteManyInput),
    defaultValues: { text: "", role: "MEMBER" },
  });
  const { errors } = form.formState;

  return (
    <DialogForm
      id={id}
      form={form}
      fields={fields}
      save={async (input) => onInvited(await inviteMany(input))}
      onPending={onPending}
    >
      <Field
        label="Email addresses"
        error={errors.text?.message}
        hint="Separated by commas or line breaks, or as CSV with the columns email and role. 200 at most."
      >
        <Textarea
          {...form.register("text")}
          autoFocus
          autoGrow
          rows={5}
          spellCheck={false}
          placeholder={"ada@example.com\ngrace@example.com, auditor"}
        />
      </Field>
      <Field label="Role" error={errors.role?.message} hint="For rows that name no role.">
        <Controller
          control={form.control}
          name="role"
          render={({ field }) => (
            <Select options={roles} value={field.value} onValueChange={field.onChange} />
          )}
        />
      </Field>
    </DialogForm>
  );
}

/** One row per address. The links are shown only here, once. */
export function InvitationLinks({ result: { rows } }: { result: InviteManyResult }) {
  const invited = rows.filter((row) => row.result === "invited");
  const leftOut = rows.length - invited.length;
  return (
    <div className="grid gap-4">
      {invited.length > 0 ? (
        <Callout
          tone="warning"
          title={`${counted(invited.length)} created. The links are shown only once`}
          announce
          action={
            <Button size="sm" onClick={() => download(invited)}>
              <Download aria-hidden="true" />
              Download CSV
            </Button>
          }
        >
          Share each link only with the person it is for. It works once, for 7 days.
        </Callout>
      ) : (
        <Callout tone="danger" title="Nobody was invited" announce />
      )}
      <Table caption={leftOut > 0 ? `Invitations, ${leftOut} left out` : "Invitations"}>
        <TableHead>
          <TableHeader>Email</TableHeader>
          <TableHeader>Result</TableHeader>
          <TableHeader>
            <span className="sr-only">Link</span>
          </TableHeader>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <InvitedRow
              key={row.result === "invited" ? row.email : `left out: ${row.entered}`}
              row={row}
            />
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

function InvitedRow({ row }: { row: InviteManyRow }) {
  if (row.result === "left_out") {
    return (
      <TableRow>
        <TableCell className="[overflow-wrap:anywhere]">
          <bdi>{row.entered}</bdi>
        </TableCell>
        <TableCell label="Result">
          <Badge tone="danger" dot>
            {row.reason}
          </Badge>
        </TableCell>
        <TableCell actions>{null}</TableCell>
      </TableRow>
    );
  }
  return (
    <TableRow>
      {/* The button is shown when rows are stacked. */}
      <TableCell className="[overflow-wrap:anywhere] @max-2xl:pr-10">{row.email}</TableCell>
      <TableCell label="Result">
        <Badge tone="success" dot>
          Invited as {roleWords[row.role].noun}
        </Badge>
      </TableCell>
      <TableCell actions>
        <CopyButton value={row.link} label={`Copy the link for ${row.email}`} />
      </TableCell>
    </TableRow>
  );
}

function counted(count: number): string {
  return count === 1 ? "1 invitation" : `${count} invitations`;
}

type Invited = Extract<InviteManyRow, { result: "invited" }>;

/** Addresses and links contain no quotes, and start with no character that a spreadsheet runs. */
function download(invited: readonly Invited[]): void {
  const lines = invited.map(({ email, role, link }) => `"${email}","${role}","${link}"\r\n`);
  downloadText("usher-invitations.csv", "text/csv", ["email,role,link\r\n", ...lines].join(""));
}
