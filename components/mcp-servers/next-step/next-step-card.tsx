"use client";

import { Bot, KeyRound, MessagesSquare } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { AuthorizeLink } from "@/components/connections/authorize-link";
import { AddToAssistantDialog } from "@/components/mcp-servers/next-step/add-to-assistant-dialog";
import type { NextStep } from "@/components/mcp-servers/next-step/next-step";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Spinner } from "@/components/ui/loading";
import { actsAsClient } from "@/lib/contracts/servers/kinds";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";

type AddedTo = { id: string; name: string };

/** The next step on the way to a tool's answer, until the server can be tried out. */
export function NextStepCard({ server, step }: { server: McpServerDetail; step: NextStep | null }) {
  const [addedTo, setAddedTo] = useState<AddedTo | null>(null);
  if (addedTo) return <TryIt serverName={server.name} assistant={addedTo} />;
  switch (step) {
    case null:
      return null;
    case "connect":
      return <Connect server={server} />;
    case "reading":
      return (
        <Step icon={<Spinner label="" />} title="Reading the tools…">
          They appear below. Then you can add the server to an assistant.
        </Step>
      );
    case "add-to-assistant":
      return <Add server={server} onAdded={setAddedTo} />;
    default:
      return step satisfies never;
  }
}

function Connect({ server }: { server: McpServerDetail }) {
  const { id, name, connection, tokenSharing } = server;
  // For people's own accounts and keys, the connection's card has the button.
  if (!connection || tokenSharing !== "SHARED") return null;
  return (
    <Step
      icon={<KeyRound />}
      title="Authorize the shared account"
      action={
        <AuthorizeLink
          serverId={id}
          serverName={name}
          standing={connection.standing}
          returnTo={`/mcp-servers/${id}`}
        />
      }
    >
      {actsAsClient(server)
        ? "Usher requests a token as the client. Nobody has to sign in. It then reads the tools."
        : "Sign in at the provider once, for everybody. Usher then reads the tools."}
    </Step>
  );
}

function Add({
  server,
  onAdded,
}: {
  server: McpServerDetail;
  onAdded: (assistant: AddedTo) => void;
}) {
  const [open, setOpen] = useState(false);
  const tools = server.catalogue?.tools ?? [];
  return (
    <>
      <Step
        icon={<Bot />}
        title="Add it to an assistant"
        action={
          <Button variant="primary" onClick={() => setOpen(true)}>
            Add to an assistant
          </Button>
        }
      >
        {counted(tools.length, "tool is", "tools are")} ready for an assistant to call in the chat.
      </Step>
      {open ? (
        <AddToAssistantDialog server={server} onClose={() => setOpen(false)} onAdded={onAdded} />
      ) : null}
    </>
  );
}

function TryIt({ serverName, assistant }: { serverName: string; assistant: AddedTo }) {
  return (
    <Step
      icon={<MessagesSquare />}
      title={`${assistant.name} can use ${serverName}`}
      action={
        <Button asChild variant="primary">
          <Link href={`/chat?${new URLSearchParams({ assistant: assistant.id })}`} autoFocus>
            Try it in the chat
          </Link>
        </Button>
      }
    >
      Ask it a question that needs one of the new tools.
    </Step>
  );
}

function Step({
  icon,
  title,
  action,
  children,
}: {
  icon: ReactNode;
  title: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Card className="@container border-accent-border bg-accent-subtle">
      <section
        aria-label="Next step"
        className="flex min-h-19 flex-col justify-between gap-x-4 gap-y-3 p-4 @md:flex-row @md:items-center"
      >
        <div className="flex min-w-0 gap-3">
          <span
            aria-hidden="true"
            className="flex size-9 shrink-0 items-center justify-center rounded-md border border-accent-border bg-surface text-accent-text [&_svg]:size-4.5"
          >
            {icon}
          </span>
          <div role="status" className="min-w-0">
            <h2 className="font-medium text-base [overflow-wrap:anywhere]">{title}</h2>
            <p className="text-muted text-sm">{children}</p>
          </div>
        </div>
        {action ? <div className="flex shrink-0 @max-md:pl-12">{action}</div> : null}
      </section>
    </Card>
  );
}
