"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Monitor, Smartphone } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { Section } from "@/components/ui/section";
import { SectionData } from "@/components/ui/section-data";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { SessionView } from "@/lib/contracts/people/sign-in";
import { endAllSessions, endSession, sessionsChanged, sessionsQuery } from "@/lib/queries/account";

/** More are shown on demand: most people have a few. */
const shownAtFirst = 6;

export function SessionsSection() {
  const query = useQuery(sessionsQuery());
  return (
    <Section
      title="Sessions"
      description="A session ends after 14 days without use, and after 30 days at most."
      actions={query.data ? <SignOutEverywhere /> : null}
    >
      <SectionData query={query} problem="Your sessions could not be loaded">
        {({ sessions }) => <SessionList sessions={sessions} />}
      </SectionData>
    </Section>
  );
}

function SessionList({ sessions }: { sessions: readonly SessionView[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? sessions : sessions.slice(0, shownAtFirst);
  return (
    <Card>
      <ul className="divide-y divide-border">
        {shown.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
      {shown.length < sessions.length ? (
        <div className="border-border border-t px-2 py-1.5">
          <Button variant="ghost" size="sm" onClick={() => setAll(true)}>
            Show all {sessions.length} sessions
          </Button>
        </div>
      ) : null}
    </Card>
  );
}

function SignOutEverywhere() {
  return (
    <ConfirmDialog
      trigger={<Button size="sm">Sign out everywhere</Button>}
      title="Sign out everywhere?"
      consequences={[
        "All sessions end immediately, including this one.",
        "You then need to sign in again.",
      ]}
      confirmLabel="Sign out everywhere"
      onConfirm={async () => {
        await endAllSessions();
        // A full load: nothing of this person stays on the page.
        window.location.assign("/sign-in?notice=signed-out-everywhere");
      }}
    />
  );
}

function SessionRow({ session }: { session: SessionView }) {
  const { device, ipAddress, method, current, createdAt, lastSeenAt } = session;
  const Icon = /iPhone|iPad|Android/.test(device) ? Smartphone : Monitor;
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <Icon aria-hidden="true" className="size-4 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 text-sm">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium [overflow-wrap:anywhere]">{device}</span>
          {current ? <Badge tone="accent">This session</Badge> : null}
        </p>
        <p className="text-muted text-xs [overflow-wrap:anywhere]">
          {current ? (
            "In use now"
          ) : (
            <>
              Last seen <RelativeTime value={lastSeenAt} />
            </>
          )}
          {ipAddress ? ` · ${ipAddress}` : null}
          {method === "oidc" ? " · Single sign-on " : " · Signed in "}
          <RelativeTime value={createdAt} />
        </p>
      </div>
      {current ? null : <EndSession session={session} />}
    </li>
  );
}

function EndSession({ session: { id, device } }: { session: SessionView }) {
  const queryClient = useQueryClient();

  async function end() {
    await endSession(id);
    toast.success("Session ended", { description: device });
    await sessionsChanged(queryClient);
  }

  return (
    <ConfirmDialog
      trigger={
        <Button variant="ghost" size="sm">
          End<span className="sr-only"> the session of {device}</span>
        </Button>
      }
      title={`End the session of ${device}?`}
      consequences={["That browser is signed out on its next request."]}
      confirmLabel="End session"
      onConfirm={end}
    />
  );
}
