"use client";

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardBody } from "@/components/ui/card";
import { Section } from "@/components/ui/section";
import { SectionData } from "@/components/ui/section-data";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { TwoFactorView } from "@/lib/contracts/people/two-factor";
import { twoFactorQuery } from "@/lib/queries/two-factor";
import type { TwoFactorTask } from "./two-factor-dialog";

const TwoFactorDialog = lazy(() => import("./two-factor-dialog"));

/** Few are left: time for new ones. */
const fewCodes = 3;

export function TwoFactorSection() {
  const query = useQuery(twoFactorQuery());
  return (
    <Section
      title="Two-factor authentication"
      description="Require a code from an authenticator app when you sign in with your password."
    >
      <SectionData query={query} problem="Two-factor authentication could not be loaded">
        {(view) => (
          <Card>
            <CardBody>
              <State view={view} />
            </CardBody>
          </Card>
        )}
      </SectionData>
    </Section>
  );
}

function State({ view: { since, recoveryCodes, required } }: { view: TwoFactorView }) {
  const [task, setTask] = useState<TwoFactorTask>("set up");
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(false);

  const opener = (next: TwoFactorTask) => () => {
    setTask(next);
    setOpen(true);
    setAsked(true);
  };

  return (
    <div className="flex flex-wrap items-center justify-between gap-3 text-sm">
      {since === null ? (
        <Badge dot>Off</Badge>
      ) : (
        <div className="grid gap-1">
          <p>
            <Badge tone="success" dot>
              On
            </Badge>
          </p>
          <p className="text-muted text-xs">
            Since <RelativeTime value={since} /> ·{" "}
            <span className={recoveryCodes <= fewCodes ? "text-warning-text" : undefined}>
              {recoveryCodes} recovery {recoveryCodes === 1 ? "code" : "codes"} left
            </span>
          </p>
        </div>
      )}
      {since === null ? (
        <Button onClick={opener("set up")}>Set up</Button>
      ) : (
        <div className="flex flex-wrap gap-2">
          <Button onClick={opener("new codes")}>New recovery codes</Button>
          <Button onClick={opener("turn off")}>Turn off</Button>
        </div>
      )}
      <Suspense>
        {asked ? (
          <TwoFactorDialog
            task={task}
            open={open}
            onClose={() => setOpen(false)}
            required={required}
          />
        ) : null}
      </Suspense>
    </div>
  );
}
