"use client";

import { useRef } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { StdioNotice } from "@/components/mcp-servers/stdio-notice";
import { FieldGroup } from "@/components/ui/fields/field";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Section } from "@/components/ui/section";
import {
  type AuthenticationType,
  startsProgram,
  type Transport,
  transports,
} from "@/lib/contracts/servers/kinds";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { McpServerFormContext } from "@/lib/queries/server-form";
import { CommandFields } from "./command-fields";
import { chosenParts, useFieldError } from "./form-field";
import { SecretLinesField } from "./secret-lines-field";
import { type NewServerStart, ServerUrlField } from "./server-url-field";
import type { SecretDemands } from "./stored-secrets";

const cards = {
  STREAMABLE_HTTP: {
    title: "Streamable HTTP",
    description:
      "The standard MCP transport over https. Use it unless the server’s documentation says otherwise.",
    example: "https://mcp.example.com/mcp",
  },
  SSE: {
    title: "SSE",
    note: "Deprecated in MCP",
    description: "Server-sent events, for servers that do not support Streamable HTTP yet.",
    example: "https://mcp.example.com/sse",
  },
  STDIO: {
    title: "stdio",
    note: "Self-hosted only",
    description: "A program that Usher starts on the machine it runs on.",
    example: "",
  },
} as const satisfies Record<
  Transport,
  { title: string; note?: string; description: string; example: string }
>;

export function TransportFields({
  server,
  context: { stdioUnavailable, stdioMode },
  demands,
  start,
}: {
  server: McpServerDetail | null;
  context: Pick<McpServerFormContext, "stdioUnavailable" | "stdioMode">;
  demands: SecretDemands;
  /** Null for an edit. */
  start: NewServerStart | null;
}) {
  const { control } = useFormContext<McpServerInput>();
  const transport = useWatch({ control, name: "transport" });
  return (
    <Section title="Transport" description="How Usher connects to the server.">
      <TransportCards transport={transport} stdioUnavailable={stdioUnavailable} />
      {startsProgram(transport) ? (
        <div className="grid gap-4">
          <StdioNotice mode={stdioMode} unavailable={stdioUnavailable} />
          <CommandFields />
          <SecretLinesField
            kind="environment"
            storedNames={server?.environmentNames ?? []}
            demand={demands.environment}
            optional
          />
        </div>
      ) : (
        <ServerUrlField
          placeholder={cards[transport].example}
          hasStoredHeaders={(server?.headerNames.length ?? 0) > 0}
          start={start}
        />
      )}
    </Section>
  );
}

function TransportCards({
  transport,
  stdioUnavailable,
}: {
  transport: Transport;
  stdioUnavailable: string | null;
}) {
  const { setValue, getValues, clearErrors } = useFormContext<McpServerInput>();
  const error = useFieldError("transport");
  const overHttp = useRef<AuthenticationType | null>(null);

  /** stdio has no authentication. The earlier choice returns with an HTTP transport. */
  function choose(next: Transport) {
    clearErrors(chosenParts);
    setValue("transport", next, { shouldDirty: true });
    if (startsProgram(next)) {
      overHttp.current = getValues("authentication");
      setValue("authentication", "NONE", { shouldDirty: true });
    } else if (overHttp.current) {
      setValue("authentication", overHttp.current, { shouldDirty: true });
      overHttp.current = null;
    }
  }

  return (
    <FieldGroup label="Transport" error={error} className="[&>legend]:sr-only">
      <RadioCards
        columns={3}
        value={transport}
        onValueChange={choose}
        options={transports.map((type) => ({
          value: type,
          ...cards[type],
          ...(startsProgram(type) && stdioUnavailable && !startsProgram(transport)
            ? { disabledReason: stdioUnavailable }
            : {}),
        }))}
      />
    </FieldGroup>
  );
}
