"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/fields/field";
import { focusFirstInvalid } from "@/components/ui/fields/form-problems";
import { SecretInput } from "@/components/ui/fields/secret-input";
import { TextLink } from "@/components/ui/text/text-link";
import type {
  ConnectionStatus,
  PersonalKeyView,
  ServerConnection,
} from "@/lib/contracts/connections/connection";
import { savePersonalKey } from "@/lib/queries/connections";
import { ProblemError } from "@/lib/queries/fetch-json";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";
import { oneLine } from "@/lib/untrusted-text";

/**
 * Asks for a person's own key. The typed value exists only in this form until it is sent to the API, and
 * it is never loaded back.
 */
export function KeyForm({
  serverId,
  personalKey,
  status,
  actions,
  onSaved,
}: {
  serverId: string;
  personalKey: PersonalKeyView;
  status: ConnectionStatus;
  /** Beside the button that saves. */
  actions?: ReactNode;
  onSaved?: ((connection: ServerConnection) => void) | undefined;
}) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const form = useRef<HTMLFormElement>(null);
  const queryClient = useQueryClient();
  const { serverVersion, instructions, url, sentTo } = personalKey;
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => savePersonalKey(serverId, { serverVersion, values }),
    onSuccess: (connection) => {
      setValues({});
      void mcpServerChanged(queryClient, serverId);
      onSaved?.(connection);
    },
    onError: (problem) => {
      if (problem instanceof ProblemError && problem.status === 409) {
        void mcpServerChanged(queryClient, serverId);
      }
      focusFirstInvalid(form.current);
    },
    // Not kept in memory afterwards.
    gcTime: 0,
  });
  const fields = error instanceof ProblemError ? error.fields : {};
  const asked = askedHeaders(personalKey, status);
  const known = asked.some(({ name }) => `values.${name}` in fields);

  function send(event: FormEvent) {
    event.preventDefault();
    mutate();
  }

  return (
    <form ref={form} noValidate autoComplete="off" onSubmit={send} className="grid gap-3 text-sm">
      {instructions || url ? (
        <p className="[overflow-wrap:anywhere]">
          {oneLine(instructions)}
          {instructions && url ? " " : null}
          {url ? (
            <TextLink href={url} external>
              Get your key
            </TextLink>
          ) : null}
        </p>
      ) : null}
      {asked.map(({ name, scheme, given }) => (
        <Field
          key={name}
          label={asked.length === 1 ? "Your key" : name}
          hint={`Sent as ${name}${scheme ? `: ${scheme} …` : ""} to ${sentTo}, with your calls only.`}
          error={fields[`values.${name}`]}
          required={!given || asked.length === 1}
          stored={given && status === "connected"}
        >
          <SecretInput
            name={name}
            value={values[name] ?? ""}
            disabled={isPending}
            placeholder={given && asked.length > 1 ? "Stored. Leave empty to keep it." : undefined}
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          />
        </Field>
      ))}
      <p className="text-muted text-xs">
        Encrypted when saved and never shown again. You can delete it under Connections.
      </p>
      {error && !known ? (
        <p role="alert" className="text-danger-text text-xs">
          {error.message}
        </p>
      ) : null}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" loading={isPending}>
          Save key
        </Button>
        {actions}
      </div>
    </form>
  );
}

/** The new headers, if the rest are stored and were not refused; otherwise all of them. */
function askedHeaders({ headers }: PersonalKeyView, status: ConnectionStatus) {
  const missing = headers.filter(({ given }) => !given);
  return status !== "connected" && missing.length > 0 ? missing : headers;
}
