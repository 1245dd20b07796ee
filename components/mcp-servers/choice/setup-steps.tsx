import { ArrowUpRight } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardFooter, CardHeader } from "@/components/ui/card";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field } from "@/components/ui/fields/field";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";

/** How to create the OAuth app or the key at the vendor; nothing if neither is needed. */
export function SetupSteps({
  server: { vendor, steps, setupUrl, registration },
  callbackUrl,
}: {
  server: VendorServer;
  callbackUrl: string;
}) {
  if (steps.length === 0) return null;
  const makesKey = registration === "KEY";
  return (
    <div className="min-w-0 @3xl:order-last">
      <Card>
        <CardHeader
          title={makesKey ? `Create a key at ${vendor}` : `Create an OAuth app at ${vendor}`}
        />
        <CardBody className="grid gap-4 text-sm">
          <ol className="grid list-decimal gap-2 pl-4.5 marker:text-muted">
            {steps.map((step) => (
              <li key={step} className="[overflow-wrap:anywhere]">
                {step.replaceAll("{callbackUrl}", callbackUrl)}
              </li>
            ))}
          </ol>
          {makesKey ? null : (
            <Field label="Callback URL" hint="Exactly as shown.">
              <CopyField value={callbackUrl} copyLabel="Copy callback URL" />
            </Field>
          )}
        </CardBody>
        {setupUrl ? (
          <CardFooter>
            <Button asChild>
              <a href={setupUrl} target="_blank" rel="noopener noreferrer">
                Open {vendor}
                <ArrowUpRight aria-hidden="true" />
                <span className="sr-only"> (opens in a new tab)</span>
              </a>
            </Button>
          </CardFooter>
        ) : null}
      </Card>
    </div>
  );
}
