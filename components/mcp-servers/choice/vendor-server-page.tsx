"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { LetterMark } from "@/components/mcp-servers/choice/letter-mark";
import { newServerPath } from "@/components/mcp-servers/choice/new-server-path";
import { VendorForm, type VendorProgress } from "@/components/mcp-servers/choice/vendor-form";
import { FormLoading, WholeForm } from "@/components/mcp-servers/form/server-editor";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { Page, PageHeader } from "@/components/ui/page-header";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import {
  type VendorServerAnswers,
  vendorServerDraft,
} from "@/lib/contracts/catalogue/vendor-server-input";
import { uniqueName } from "@/lib/contracts/servers/unique-name";
import { mcpServersQuery } from "@/lib/queries/mcp-servers";
import { mcpServerFormContextQuery } from "@/lib/queries/server-form";
import { vendorServerQuery } from "@/lib/queries/vendor-servers";

/** The short form of a vendor's server, and the whole form with what the short one had. */
export function VendorServerPage({ id, byHand }: { id: string; byHand: boolean }) {
  const server = useQuery(vendorServerQuery(id));
  const context = useQuery(mcpServerFormContextQuery());
  const existing = useQuery(mcpServersQuery());
  const [progress, setProgress] = useState<VendorProgress | null>(null);
  const entry = server.data;
  const names = existing.data?.servers.map(({ name }) => name);

  if (entry && names && byHand) {
    const { answers, discovered } = progress ?? {
      answers: noAnswers(entry, names),
      discovered: null,
    };
    return <WholeForm values={vendorServerDraft(entry, answers, discovered)} />;
  }
  return (
    <Page>
      <PageHeader
        title={
          <span className="flex items-center gap-3">
            {entry ? <LetterMark name={entry.name} color={entry.color} /> : null}
            {entry ? `Add ${entry.name}` : "New MCP Server"}
          </span>
        }
        description={entry?.description ?? "\u00a0"}
        breadcrumbs={
          <Breadcrumbs
            pages={[
              { label: "MCP Servers", href: "/mcp-servers" },
              { label: "New MCP Server", href: "/mcp-servers/new" },
            ]}
          />
        }
      />
      {entry && context.data && names ? (
        <VendorForm
          server={entry}
          callbackUrl={context.data.callbackUrl}
          start={progress ?? { answers: noAnswers(entry, names), discovered: null }}
          editEverything={newServerPath({ server: id, by: "hand" })}
          onProgress={setProgress}
        />
      ) : (
        <FormLoading queries={[server, context, existing]} />
      )}
    </Page>
  );
}

function noAnswers({ name }: VendorServer, taken: readonly string[]): VendorServerAnswers {
  return {
    name: uniqueName(name, taken),
    urlParts: {},
    clientId: "",
    clientSecret: "",
    key: "",
    tokenSharing: "SHARED",
    readOnly: false,
  };
}
