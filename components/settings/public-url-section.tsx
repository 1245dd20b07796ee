"use client";

import { useMutation } from "@tanstack/react-query";
import { CircleCheck, type LucideIcon, TriangleAlert } from "lucide-react";
import { browserCheck } from "@/components/settings/browser-check";
import { Button } from "@/components/ui/button";
import { Card, CardBody } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field } from "@/components/ui/fields/field";
import { Section } from "@/components/ui/section";
import type { PublicUrlCheck } from "@/lib/contracts/settings";
import { checkPublicUrl } from "@/lib/queries/settings";

/** Both directions: what the browser sees, and what the server sees. */
type Checks = { browser: PublicUrlCheck; server: PublicUrlCheck };

async function check(publicUrl: string): Promise<Checks> {
  const browser = browserCheck(publicUrl, window.location.origin);
  if (!browser.ok) {
    return {
      browser,
      // The API accepts a change only from its own pages, and this is not the public URL.
      server: {
        ok: false,
        message:
          "Not checked: this works only from the public URL. Open Usher there, then check again.",
      },
    };
  }
  return { browser, server: await checkPublicUrl() };
}

export function PublicUrlSection({
  publicUrl,
  callbackUrl,
}: {
  publicUrl: string;
  callbackUrl: string;
}) {
  const mutation = useMutation({ mutationFn: () => check(publicUrl) });

  return (
    <Section
      title="Public URL"
      description="Where people open Usher, and where providers send them back after they consent."
    >
      <Card>
        <CardBody className="grid gap-4">
          <Field label="Public URL" hint="Set by PUBLIC_URL.">
            <CopyField value={publicUrl} copyLabel="Copy public URL" />
          </Field>
          <Field
            label="Callback URL"
            hint="Enter it as the redirect URL of every OAuth client that you register at a provider."
          >
            <CopyField value={callbackUrl} copyLabel="Copy callback URL" />
          </Field>
        </CardBody>
        <div className="rounded-b-lg border-border border-t bg-sunken px-4 py-3">
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
            <p className="text-muted text-sm">Can your browser and the server both reach it?</p>
            <Button loading={mutation.isPending} onClick={() => mutation.mutate()}>
              Check public URL
            </Button>
          </div>
          <div role="status">
            {mutation.data ? (
              <ul className="mt-3 grid gap-2.5 border-border border-t pt-3">
                <CheckLine from="From your browser" result={mutation.data.browser} />
                <CheckLine from="From the server" result={mutation.data.server} />
              </ul>
            ) : null}
            {mutation.isError ? (
              <ul className="mt-3 border-border border-t pt-3">
                <CheckLine
                  from="The check failed"
                  result={{ ok: false, message: mutation.error.message }}
                />
              </ul>
            ) : null}
          </div>
        </div>
      </Card>
    </Section>
  );
}

function CheckLine({ from, result: { ok, message } }: { from: string; result: PublicUrlCheck }) {
  const Icon: LucideIcon = ok ? CircleCheck : TriangleAlert;
  return (
    <li className="flex gap-2.5 text-sm">
      <Icon
        aria-hidden="true"
        className={cn("mt-0.5 size-4 shrink-0", ok ? "text-success-text" : "text-warning-text")}
      />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <span className="font-medium">{from}: </span>
        <span className="text-muted">{message}</span>
      </span>
    </li>
  );
}
