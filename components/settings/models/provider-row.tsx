"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Power, Trash2 } from "lucide-react";
import { toast } from "sonner";
import { Badge } from "@/components/ui/badge";
import { Button, IconButton } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import { useMenuDialogs } from "@/components/ui/overlay/use-menu-dialogs";
import { InlineCode } from "@/components/ui/text/code-block";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { formatNumber } from "@/lib/contracts/format";
import { type ModelProviderView, providerKinds } from "@/lib/contracts/models";
import { changeProvider, modelsChanged, removeProvider, testProvider } from "@/lib/queries/models";
import { ProviderDialog } from "./provider-dialog";

export function ProviderRow({ provider }: { provider: ModelProviderView }) {
  const queryClient = useQueryClient();
  const { name, kind, source, variable, baseUrl, enabled, hasKey, hidesSaved } = provider;
  const test = useMutation({
    mutationFn: () => testProvider(name),
    onSuccess: () => modelsChanged(queryClient),
  });
  const isOwn = kind === "openai-compatible" && source === "settings";
  return (
    <li className="grid gap-1.5 px-4 py-3 text-sm">
      <div className="flex items-start gap-3">
        <div className="grid min-w-0 flex-1 gap-0.5 [overflow-wrap:anywhere]">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="font-medium">{isOwn ? name : providerKinds[kind].label}</span>
            {source === "environment" ? <Badge>Set by the environment</Badge> : null}
            {enabled ? null : <Badge tone="warning">Turned off</Badge>}
          </p>
          <p className="text-muted text-xs">
            {variable ? (
              <>
                <InlineCode>{variable}</InlineCode>
                {hidesSaved ? " It is used instead of the API key that was added here." : null}
              </>
            ) : (
              [isOwn ? "OpenAI-compatible" : null, hasKey ? "API key stored" : "No API key"]
                .filter(Boolean)
                .join(" · ")
            )}
          </p>
          {baseUrl ? <p className="text-muted text-xs">{baseUrl}</p> : null}
        </div>
        <div className="flex shrink-0 items-center gap-1">
          <Button size="sm" loading={test.isPending} onClick={() => test.mutate()}>
            Test
          </Button>
          {source === "settings" || hidesSaved ? <ProviderMenu provider={provider} /> : null}
        </div>
      </div>
      <TestResult provider={provider} result={test.data ?? null} problem={test.error} />
    </li>
  );
}

/** From the test just made, otherwise from the last saved one. */
function TestResult({
  provider: { lastTest },
  result,
  problem,
}: {
  provider: ModelProviderView;
  result: { ok: boolean; model: string; ms: number; message: string } | null;
  problem: Error | null;
}) {
  const told = result
    ? { ...result, error: result.ok ? null : result.message, at: null }
    : lastTest && { ...lastTest };
  const error = problem?.message ?? told?.error ?? null;
  const [year] = told?.at?.split("-") ?? [];
  return (
    <p role="status" className="text-xs [overflow-wrap:anywhere]">
      {error !== null ? (
        <span className="text-danger-text">{error}</span>
      ) : told ? (
        <span className="text-success-text">
          <bdi>{told.model}</bdi> answered in {formatNumber(told.ms ?? 0)} ms
        </span>
      ) : (
        <span className="text-muted">Not tested</span>
      )}
      {problem === null && told?.at && year ? (
        <span className="text-muted">
          {" · "}
          <RelativeTime value={told.at} />
        </span>
      ) : null}
    </p>
  );
}

type Choice = "edit" | "power" | "remove";

function ProviderMenu({ provider }: { provider: ModelProviderView }) {
  const queryClient = useQueryClient();
  const { item, dialog, onCloseAutoFocus } = useMenuDialogs<Choice>();
  const { name, kind, enabled, source } = provider;
  const label = kind === "openai-compatible" ? name : providerKinds[kind].label;

  async function remove() {
    await removeProvider(name);
    toast.success(`${label} was removed`);
    await modelsChanged(queryClient);
  }

  async function switchPower() {
    await changeProvider(name, { enabled: !enabled });
    await modelsChanged(queryClient);
  }

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label={`Actions for ${label}`} size="sm">
            <Ellipsis aria-hidden="true" />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent onCloseAutoFocus={onCloseAutoFocus}>
          {source === "settings" ? (
            <>
              <DropdownMenuItem icon={<Pencil />} {...item("edit")}>
                Edit or replace the key…
              </DropdownMenuItem>
              <DropdownMenuItem icon={<Power />} {...item("power")}>
                {enabled ? "Turn off…" : "Turn on…"}
              </DropdownMenuItem>
            </>
          ) : null}
          <DropdownMenuItem icon={<Trash2 />} tone="danger" {...item("remove")}>
            {source === "settings" ? "Remove…" : "Remove the stored key…"}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <ProviderDialog provider={provider} {...dialog("edit")} />
      <ConfirmDialog
        {...dialog("power")}
        title={enabled ? `Turn off ${label}?` : `Turn on ${label}?`}
        tone="primary"
        consequences={
          enabled
            ? ["Its models cannot be used. The default model answers instead.", "Its key is kept."]
            : ["Its models can be used again."]
        }
        confirmLabel={enabled ? "Turn off" : "Turn on"}
        onConfirm={switchPower}
      />
      <ConfirmDialog
        {...dialog("remove")}
        title={source === "settings" ? `Remove ${label}?` : `Remove the stored key of ${label}?`}
        consequences={
          source === "settings"
            ? [
                "Its API key is deleted.",
                "Its models are no longer offered. The default model answers instead.",
              ]
            : ["The environment’s API key and its models stay in use."]
        }
        confirmLabel="Remove"
        onConfirm={remove}
      />
    </>
  );
}
