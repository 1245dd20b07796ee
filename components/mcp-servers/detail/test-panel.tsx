"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Circle, CircleCheck, CircleMinus, CircleX, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { Spinner } from "@/components/ui/loading";
import type { TestStep } from "@/lib/contracts/servers/catalogue";
import { wordsForAdmin } from "@/lib/contracts/words-for-admin";
import { testMcpServer } from "@/lib/queries/mcp-server-tools";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";

/** All steps are shown from the start, so that nothing moves while they run. */
const steps: readonly { step: TestStep["step"]; name: string }[] = [
  { step: "address", name: "Check the address" },
  { step: "authorization", name: "Get credentials" },
  { step: "connect", name: "Connect" },
  { step: "list_tools", name: "List the tools" },
  { step: "save", name: "Save the tools" },
];

const icons: Record<TestStep["state"], ReactNode> = {
  running: <Spinner label="Running" className="text-accent-text" />,
  done: <CircleCheck aria-label="Done" role="img" className="size-4 text-success-text" />,
  failed: <CircleX aria-label="Failed" role="img" className="size-4 text-danger-text" />,
  skipped: <CircleMinus aria-label="Skipped" role="img" className="size-4 text-faint" />,
};

export function TestPanel({ test, onDismiss }: { test: ConnectionTest; onDismiss: () => void }) {
  const starting = test.running && Object.keys(test.steps).length === 0;
  return (
    <Card>
      <CardHeader
        title="Connection test"
        actions={
          <IconButton
            label={test.running ? "Stop watching the test" : "Close the test"}
            size="sm"
            onClick={onDismiss}
          >
            <X aria-hidden="true" />
          </IconButton>
        }
      />
      <CardBody className="grid gap-3">
        <ol className="grid gap-2.5">
          {steps.map(({ step, name }, index) => (
            <Step
              key={step}
              name={name}
              at={test.steps[step]}
              starting={starting && index === 0}
              over={!test.running}
            />
          ))}
        </ol>
        {test.error ? (
          <Callout tone="danger" title="The test was interrupted">
            {test.error}
          </Callout>
        ) : null}
      </CardBody>
      <p role="status" className="sr-only">
        {test.error ?? test.latest}
      </p>
    </Card>
  );
}

function Step({
  name,
  at,
  starting,
  over,
}: {
  name: string;
  at: TestStep | undefined;
  starting: boolean;
  over: boolean;
}) {
  const state = at?.state ?? (starting ? "running" : null);
  return (
    <li className="flex min-h-9 items-start gap-2.5 text-sm">
      <span className="mt-0.5 flex">
        {state ? icons[state] : <Circle aria-hidden="true" className="size-4 text-border-strong" />}
      </span>
      <span className="grid min-w-0">
        <span className={cn(state ? "font-medium" : "text-muted")}>{name}</span>
        <span
          className={cn(
            "min-h-4.5 text-xs [overflow-wrap:anywhere]",
            state === "failed" ? "text-danger-text" : "text-muted",
          )}
        >
          {at?.message ?? (over ? "Not reached" : "")}
        </span>
      </span>
    </li>
  );
}

type ConnectionTest = {
  running: boolean;
  /** State by step; a step that has not started is missing. */
  steps: Partial<Record<TestStep["step"], TestStep>>;
  /** For a screen reader. */
  latest: string | null;
  /** Why the test could not run. */
  error: string | null;
};

/** One connection test at a time; leaving the page stops watching it. */
export function useConnectionTest(serverId: string) {
  const queryClient = useQueryClient();
  const [test, setTest] = useState<ConnectionTest | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function watch(controller: AbortController) {
    setTest({ running: true, steps: {}, latest: "Testing the connection", error: null });
    let error: string | null = null;
    try {
      for await (const step of testMcpServer(serverId, controller.signal)) {
        const message = wordsForAdmin(step.message);
        setTest(
          (old) =>
            old && {
              ...old,
              steps: { ...old.steps, [step.step]: { ...step, message } },
              latest: message,
            },
        );
      }
    } catch (cause) {
      if (controller.signal.aborted) return;
      error = cause instanceof Error ? cause.message : "The test could not be completed.";
    }
    running.current = null;
    setTest((old) => old && { ...old, running: false, error });
    await mcpServerChanged(queryClient, serverId);
  }

  function start() {
    if (running.current) return;
    running.current = new AbortController();
    void watch(running.current);
  }

  function dismiss() {
    running.current?.abort();
    running.current = null;
    setTest(null);
  }

  return { test, start, dismiss };
}
