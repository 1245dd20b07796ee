"use client";

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardBody } from "@/components/ui/card";
import { Section } from "@/components/ui/section";
import { SectionData } from "@/components/ui/section-data";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { SecondStepView } from "@/lib/contracts/people/second-step";
import { secondStepQuery } from "@/lib/queries/second-step";
import type { SecondStepTask } from "./second-step-dialog";

const SecondStepDialog = lazy(() => import("./second-step-dialog"));

/** Few are left: time for new ones. */
const fewCodes = 3;

export function SecondStepSection() {
  const query = useQuery(secondStepQuery());
  return (
    <Section
      title="Second step"
      description="Signing in with your password also asks for a code from an authenticator app."
    >
      <SectionData query={query} problem="Your second step could not be loaded">
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

function State({ view: { since, recoveryCodes, required } }: { view: SecondStepView }) {
  const [task, setTask] = useState<SecondStepTask>("set up");
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(false);

  const opener = (next: SecondStepTask) => () => {
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
          <SecondStepDialog
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
