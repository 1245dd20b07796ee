"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { newServerPath } from "@/components/mcp-servers/choice/new-server-path";
import { WholeForm } from "@/components/mcp-servers/form/server-editor";
import { RegistryEntry } from "@/components/mcp-servers/registry/registry-entry";
import { RegistrySearch } from "@/components/mcp-servers/registry/registry-search";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";

/** From a search in the registry to the form of a new server. */
export function RegistryImport({
  name,
  host,
  byHand,
}: {
  /** For the chosen server; empty: none yet. */
  name: string;
  host: string;
  byHand: boolean;
}) {
  const router = useRouter();
  const [input, setInput] = useState<McpServerInput | null>(null);
  if (name === "") return <RegistrySearch host={host} />;
  if (byHand && input) return <WholeForm values={input} />;
  return (
    <RegistryEntry
      name={name}
      onContinue={(made) => {
        setInput(made);
        router.push(newServerPath({ registry: name, by: "hand" }));
      }}
    />
  );
}
