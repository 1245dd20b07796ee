"use client";

import { useQuery } from "@tanstack/react-query";
import {
  ArrowUpRight,
  Check,
  ChevronRight,
  CircleHelp,
  CircleSlash,
  Clock,
  Eye,
  Hourglass,
  type LucideIcon,
  PencilLine,
  Square,
  X,
} from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import type { ToolCall, ToolCallPhase } from "@/components/chat/tool-calls/tool-call";
import { ToolCallDetails } from "@/components/chat/tool-calls/tool-call-details";
import { toolImages } from "@/components/chat/tool-images/read-tool-image";
import { ToolImageRow } from "@/components/chat/tool-images/tool-image";
import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { TryNowButton } from "@/components/connections/try-now-button";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { Skeleton, Spinner } from "@/components/ui/loading";
import { connectionQuery } from "@/lib/queries/connections";

const phases: Record<ToolCallPhase, { words: string; icon: LucideIcon | null; colour: string }> = {
  preparing: { words: "Preparing", icon: null, colour: "text-muted" },
  queued: { words: "Waiting", icon: null, colour: "text-muted" },
  running: { words: "Running", icon: null, colour: "text-accent-text" },
  "needs-consent": { words: "Needs consent", icon: Hourglass, colour: "text-warning-text" },
  "needs-account": { words: "Needs an account", icon: Hourglass, colour: "text-warning-text" },
  "needs-confirmation": {
    words: "Needs confirmation",
    icon: Hourglass,
    colour: "text-warning-text",
  },
  "needs-input": { words: "Needs input", icon: Hourglass, colour: "text-warning-text" },
  done: { words: "Done", icon: Check, colour: "text-success-text" },
  failed: { words: "Failed", icon: X, colour: "text-danger-text" },
  skipped: { words: "Skipped", icon: CircleSlash, colour: "text-muted" },
  stopped: { words: "Stopped", icon: Square, colour: "text-muted" },
  interrupted: { words: "Interrupted", icon: CircleHelp, colour: "text-warning-text" },
};

const awaitedWords = { key: "Needs your key", organization: "Needs organization access" };

/**
 * One tool call. Its line has the same height in all states; arguments and result are a click away.
 * All text except the state's own comes from a model or a server.
 */
export function ToolCallCard({ call }: { call: ToolCall }) {
  const [open, setOpen] = useState(false);
  const details = useId();
  const line = useRef<HTMLButtonElement>(null);
  const { output } = call.part;
  const images = useMemo(() => toolImages(output), [output]);
  return (
    <div>
      <button
        ref={line}
        type="button"
        aria-expanded={open}
        aria-controls={details}
        onClick={() => setOpen(!open)}
        className="flex h-13 w-full min-w-0 items-center gap-2.5 px-3 text-left transition-colors hover:bg-hover focus-visible:-outline-offset-2"
      >
        <PhaseIcon phase={call.phase} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className="min-w-0 truncate font-medium text-sm">{call.title}</span>
            <PhaseWords call={call} />
          </span>
          <Account call={call} />
        </span>
        <Access call={call} />
        <ChevronRight
          aria-hidden="true"
          className={cn("size-4 shrink-0 text-faint transition-transform", open && "rotate-90")}
        />
      </button>
      <div id={details} hidden={!open}>
        {open ? <ToolCallDetails call={call} /> : null}
      </div>
      {call.phase === "failed" && call.account?.hasConnection ? (
        <FailsAlone serverId={call.account.serverId} />
      ) : null}
      {images.length > 0 && !open ? (
        <ToolImageRow
          images={images}
          title={call.title}
          onMore={() => {
            setOpen(true);
            line.current?.focus();
          }}
        />
      ) : null}
    </div>
  );
}

function PhaseIcon({ phase }: { phase: ToolCallPhase }) {
  const { icon: Icon, colour } = phases[phase];
  if (phase === "queued")
    return <Clock aria-hidden="true" className="size-4 shrink-0 text-faint" />;
  if (!Icon) return <Spinner label="" className={colour} />;
  return <Icon aria-hidden="true" className={cn("size-4 shrink-0", colour)} />;
}

function PhaseWords({ call: { phase, awaits } }: { call: ToolCall }) {
  const seconds = useElapsed(phase === "running");
  const { colour } = phases[phase];
  const words = phase === "needs-consent" && awaits ? awaitedWords[awaits] : phases[phase].words;
  return (
    <span className={cn("shrink-0 text-xs", phase === "done" ? "sr-only" : colour)}>
      {words}
      {seconds > 1 ? ` · ${elapsedWords(seconds)}` : null}
    </span>
  );
}

function Account({ call: { account, phase } }: { call: ToolCall }) {
  if (!account && (phase === "preparing" || phase === "queued")) {
    return (
      <span className="flex h-4.5 items-center">
        <Skeleton className="h-3 w-32" />
      </span>
    );
  }
  return (
    <span className="block truncate text-muted text-xs leading-4.5">
      {account ? (
        <>
          {account.alwaysAllowedId ? "Always allowed · " : null}
          <bdi>{account.serverName}</bdi> · <bdi>{account.actingAs}</bdi>
        </>
      ) : (
        "Did not reach a server"
      )}
    </span>
  );
}

/** Whether it only reads is the server's claim, not something Usher knows. */
function Access({ call: { account } }: { call: ToolCall }) {
  if (!account) return null;
  return account.readOnly ? (
    <Badge
      title="Read-only"
      className="shrink-0 [&>span]:flex [&>span]:items-center [&>span]:gap-1"
    >
      <Eye aria-hidden="true" />
      <span className="@max-md:sr-only">Read-only</span>
    </Badge>
  ) : (
    <Badge tone="warning" className="shrink-0 [&>span]:flex [&>span]:items-center [&>span]:gap-1">
      <PencilLine aria-hidden="true" />
      Changes data
    </Badge>
  );
}

/** Whole seconds since `running` became true; 0 while it is not. */
function useElapsed(running: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (!running) return;
    const start = Date.now();
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - start) / 1000)), 1000);
    return () => {
      clearInterval(timer);
      setSeconds(0);
    };
  }, [running]);
  return seconds;
}

function elapsedWords(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Beside a failed call whose provider responds for other accounts and not for this one: it may pass, or the
 * access may have ended without an error. Renders nothing otherwise.
 */
function FailsAlone({ serverId }: { serverId: string }) {
  const { data } = useQuery(connectionQuery(serverId));
  if (data?.connection.standing.nextStep !== "wait_or_authorize") return null;
  return (
    <div className="grid gap-2 border-border border-t px-3 py-2.5">
      <p className="text-muted text-sm [overflow-wrap:anywhere]">
        {data.mayAuthorize
          ? "The provider keeps failing for this account and answers for others. Try again, or authorize again."
          : "The provider keeps failing for this account and answers for others. Try again, or ask an admin to authorize it again."}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        {data.mayAuthorize ? (
          <Button asChild size="sm">
            <AuthorizeAnchor serverId={serverId} returnTo={null} tab opensTab>
              Authorize again
              <ArrowUpRight aria-hidden="true" />
              <span className="sr-only">: {data.serverName} (opens in a new tab)</span>
            </AuthorizeAnchor>
          </Button>
        ) : null}
        <TryNowButton serverId={serverId} serverName={data.serverName} />
      </div>
    </div>
  );
}
