"use client";

import type { ReactNode } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { Switch } from "@/components/ui/fields/switch";
import { InlineCode } from "@/components/ui/text/code-block";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { useFieldError } from "./form-field";

/** What discovery cannot know and only an admin can confirm. Renders nothing if nothing has to be confirmed. */
export function ProviderWords() {
  const { control, register } = useFormContext<McpServerInput>();
  const [s256Confirmed, issuerAlias, issuer] = useWatch({
    control,
    name: ["oauth.s256Confirmed", "oauth.issuerAlias", "oauth.issuer"],
  });
  const s256Error = useFieldError("oauth.s256Confirmed");
  const issuerError = useFieldError("oauth.issuerAccepted");
  if (s256Confirmed === undefined && !issuerAlias) return null;
  return (
    <div className="grid gap-4 rounded-lg border border-warning-border bg-warning-subtle p-4">
      {issuerAlias ? (
        <Switch
          label="Use this issuer"
          description={
            <Sentence error={issuerError}>
              The MCP server names <InlineCode>{issuerAlias}</InlineCode>, and the provider’s own
              metadata name <InlineCode>{issuer}</InlineCode>. Turn this on if both are the same
              provider.
            </Sentence>
          }
          aria-invalid={issuerError !== undefined}
          {...register("oauth.issuerAccepted")}
        />
      ) : null}
      {s256Confirmed === undefined ? null : (
        <Switch
          label="This provider supports S256"
          description={
            <Sentence error={s256Error}>
              Its metadata do not name S256 (PKCE). Turn this on if its documentation does. Usher
              always sends S256.
            </Sentence>
          }
          aria-invalid={s256Error !== undefined}
          {...register("oauth.s256Confirmed")}
        />
      )}
    </div>
  );
}

/** The error is shown with the text that says what to do. */
function Sentence({ error, children }: { error: string | undefined; children: ReactNode }) {
  return (
    <span className="[overflow-wrap:anywhere]">
      {children}
      {error === undefined ? null : <span className="mt-1 block text-danger-text">{error}</span>}
    </span>
  );
}
