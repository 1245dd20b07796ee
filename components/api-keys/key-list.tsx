"use client";

import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { roleWords } from "@/components/people/role-words";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { InlineCode } from "@/components/ui/text/code-block";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { ApiKeyView } from "@/lib/contracts/api-keys";
import { apiKeysChanged, revokeApiKey } from "@/lib/queries/api-keys";
import { scopesInWords } from "./scope-words";

/** @param showsOwner if the keys belong to different people */
export function KeyList({
  keys,
  showsOwner = false,
}: {
  keys: readonly ApiKeyView[];
  showsOwner?: boolean;
}) {
  return (
    <Card>
      <ul className="divide-y divide-border">
        {keys.map((key) => (
          <KeyRow key={key.id} apiKey={key} showsOwner={showsOwner} />
        ))}
      </ul>
    </Card>
  );
}

function KeyRow({ apiKey, showsOwner }: { apiKey: ApiKeyView; showsOwner: boolean }) {
  const { name, prefix, owner, ownerEmail, role, scopes, state, createdBy } = apiKey;
  return (
    <li className="flex items-start gap-3 px-4 py-3">
      <div className="grid min-w-0 flex-1 gap-0.5 text-sm [overflow-wrap:anywhere]">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="font-medium">{name}</bdi>
          <InlineCode>{prefix}…</InlineCode>
          {owner === "service" ? <Badge>{roleWords[role].label}</Badge> : null}
          {state === "expired" ? (
            <Badge tone="warning" dot>
              Expired
            </Badge>
          ) : null}
          {state === "owner_disabled" ? (
            <Badge tone="warning" dot>
              Owner disabled
            </Badge>
          ) : null}
        </p>
        {showsOwner && ownerEmail ? <p className="text-muted text-xs">{ownerEmail}</p> : null}
        <p className="text-muted text-xs">{scopesInWords(scopes)}</p>
        <p className="text-muted text-xs">
          <KeyTimes apiKey={apiKey} />
          {owner === "service" && createdBy ? ` · Created by ${createdBy}` : null}
        </p>
      </div>
      <RevokeKey apiKey={apiKey} />
    </li>
  );
}

function KeyTimes({ apiKey: { createdAt, lastUsedAt, expiresAt, state } }: { apiKey: ApiKeyView }) {
  return (
    <>
      {lastUsedAt ? (
        <>
          Last used <RelativeTime value={lastUsedAt} />
        </>
      ) : (
        "Never used"
      )}
      {" · Created "}
      <RelativeTime value={createdAt} />
      {expiresAt ? (
        <>
          {state === "expired" ? " · Expired " : " · Expires "}
          <RelativeTime value={expiresAt} />
        </>
      ) : (
        " · Does not expire"
      )}
    </>
  );
}

function RevokeKey({ apiKey: { id, name } }: { apiKey: ApiKeyView }) {
  const queryClient = useQueryClient();

  async function revoke() {
    await revokeApiKey(id);
    toast.success("API key revoked", { description: name });
    await apiKeysChanged(queryClient);
  }

  return (
    <ConfirmDialog
      trigger={
        <Button variant="ghost" size="sm">
          Revoke<span className="sr-only"> {name}</span>
        </Button>
      }
      title={`Revoke ${name}?`}
      consequences={[
        "Programs that use it get an error on their next request.",
        "This cannot be undone.",
      ]}
      confirmLabel="Revoke"
      onConfirm={revoke}
    />
  );
}
