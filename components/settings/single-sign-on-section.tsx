"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { signInMessage } from "@/components/shell/sign-in-message";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card, CardBody } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { Section } from "@/components/ui/section";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { SingleSignOnView } from "@/lib/contracts/people/sign-in";
import { singleSignOnChanged, startLinking, unlinkSingleSignOn } from "@/lib/queries/account";

export type LinkOutcome = { linked: true } | { error: string } | null;

/** Shown if there is an identity provider, or was one that the account is linked to. */
export function SingleSignOnSection({
  view,
  outcome,
}: {
  view: SingleSignOnView;
  outcome: LinkOutcome;
}) {
  const provider = view.provider ?? "your identity provider";
  if (!view.provider && !view.linked) return null;
  return (
    <Section title="Single sign-on" description={`Sign in to this account with ${provider}.`}>
      <LinkNotice outcome={outcome} provider={provider} />
      <Card>
        <CardBody>
          <div className="flex flex-wrap items-center justify-between gap-3 text-sm">
            {view.linked ? <LinkedAs linked={view.linked} /> : <p>Not linked</p>}
            {view.linked ? (
              view.hasPassword && <Unlink provider={provider} />
            ) : (
              <Link provider={provider} />
            )}
          </div>
          {view.linked && view.kept && <Kept since={view.kept.since} provider={provider} />}
        </CardBody>
      </Card>
    </Section>
  );
}

function LinkNotice({ outcome, provider }: { outcome: LinkOutcome; provider: string }) {
  if (outcome === null) return null;
  return "error" in outcome ? (
    <Callout tone="danger" title="Nothing was linked" announce>
      {signInMessage(outcome.error, provider)}
    </Callout>
  ) : (
    <Callout tone="success" title={`You can now sign in with ${provider}`} announce />
  );
}

function LinkedAs({ linked }: { linked: NonNullable<SingleSignOnView["linked"]> }) {
  return (
    <div className="min-w-0">
      <p className="font-medium [overflow-wrap:anywhere]">
        Linked{linked.email ? ` to ${linked.email}` : ""}
      </p>
      <p className="text-muted text-xs">
        {linked.lastSignInAt ? (
          <>
            Last used <RelativeTime value={linked.lastSignInAt} />
          </>
        ) : (
          "Not used yet"
        )}
      </p>
    </div>
  );
}

function Kept({ since, provider }: { since: string | null; provider: string }) {
  return (
    <p className="mt-3 border-border border-t pt-3 text-muted text-xs">
      {since ? (
        <>
          Usher keeps your sign-in at {provider}, so that servers your organization manages work
          without asking you. Signed in <RelativeTime value={since} />.
        </>
      ) : (
        `Your sign-in at ${provider} is no longer kept. Sign in again to renew it, so that servers your organization manages work without asking you.`
      )}
    </p>
  );
}

function Link({ provider }: { provider: string }) {
  const [pending, setPending] = useState(false);

  async function start() {
    setPending(true);
    try {
      window.location.assign((await startLinking()).url);
    } catch (error) {
      setPending(false);
      toast.error(error instanceof Error ? error.message : "Something went wrong. Try again.");
    }
  }

  return (
    <Button loading={pending} onClick={() => void start()}>
      Link {provider}
    </Button>
  );
}

function Unlink({ provider }: { provider: string }) {
  const queryClient = useQueryClient();

  async function unlink() {
    await unlinkSingleSignOn();
    toast.success(`${provider} is unlinked`);
    await singleSignOnChanged(queryClient);
  }

  return (
    <ConfirmDialog
      trigger={<Button>Unlink</Button>}
      title={`Unlink ${provider}?`}
      consequences={[
        "You can then sign in only with your password.",
        "Open sessions stay signed in.",
      ]}
      confirmLabel="Unlink"
      onConfirm={unlink}
    />
  );
}
