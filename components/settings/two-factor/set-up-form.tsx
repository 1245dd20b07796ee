"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field } from "@/components/ui/fields/field";
import { Form } from "@/components/ui/fields/form";
import { showProblem } from "@/components/ui/fields/form-problems";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import {
  type TwoFactorCode,
  type TwoFactorSecret,
  twoFactorCode,
} from "@/lib/contracts/people/two-factor";
import { ProblemError } from "@/lib/queries/fetch-json";
import { beginTwoFactor, enableTwoFactor } from "@/lib/queries/two-factor";
import { CodeField } from "./code-field";
import { ProofForm } from "./proof-form";

type SetUpFormProps = {
  /** `asksPasswordFirst`, as the server has it. */
  asksPassword: boolean;
  onDone: (recoveryCodes: string[]) => void;
};

/** A new secret as a QR code and as text, confirmed by a code from the app. */
export function SetUpForm({ asksPassword, onDone }: SetUpFormProps) {
  const [afterPassword, setAfterPassword] = useState<TwoFactorSecret | null>(null);
  const query = useQuery({
    queryKey: ["account", "two-factor", "secret"],
    queryFn: () => beginTwoFactor({}),
    enabled: !asksPassword,
    // Each request creates a new secret, and the app may already have scanned this one.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const secret = afterPassword ?? query.data;
  if (secret) return <Confirm secret={secret} onDone={onDone} />;
  // The page can be older than the period in which the password need not be given again.
  const refused = query.error instanceof ProblemError && query.error.fields.password !== undefined;
  if (asksPassword || refused) {
    return (
      <ProofForm
        explanation="You need an authenticator app, such as 1Password or Google Authenticator."
        label="Continue"
        tone="primary"
        byCode={false}
        onProof={async (proof) => {
          if ("password" in proof) setAfterPassword(await beginTwoFactor(proof));
        }}
      />
    );
  }
  return query.isError ? (
    <LoadProblem
      title="This could not be started"
      error={query.error}
      retrying={query.isFetching}
      onRetry={() => void query.refetch()}
    />
  ) : (
    <div className="grid justify-items-center gap-4" role="status">
      <span className="sr-only">Loading</span>
      <Skeleton className="size-44" />
      <Skeleton className="w-64 max-w-full" />
    </div>
  );
}

function Confirm({
  secret,
  onDone,
}: {
  secret: TwoFactorSecret;
  onDone: (recoveryCodes: string[]) => void;
}) {
  const form = useForm<TwoFactorCode>({
    resolver: zodResolver(twoFactorCode),
    defaultValues: { code: "" },
  });
  const { errors, isSubmitting } = form.formState;
  const [problem, setProblem] = useState<string | null>(null);

  async function confirm({ code }: TwoFactorCode) {
    setProblem(null);
    try {
      onDone((await enableTwoFactor(code)).recoveryCodes);
    } catch (error) {
      setProblem(showProblem(form, error, ["code"]));
    }
  }

  return (
    <Form
      noValidate
      onSubmit={(event) => void form.handleSubmit(confirm)(event)}
      className="grid gap-4"
    >
      {problem ? <Callout tone="danger" title={problem} announce /> : null}
      <p className="text-muted">Scan this QR code with your authenticator app.</p>
      <QrCode qr={secret.qr} />
      <Field label="Or enter this key in the app">
        <CopyField value={secret.secret} copyLabel="Copy the key" inGroups />
      </Field>
      <CodeField
        error={errors.code?.message}
        input={{ ...form.register("code"), autoFocus: true }}
      />
      <Button type="submit" variant="primary" loading={isSubmitting}>
        Turn on
      </Button>
    </Form>
  );
}

/** Dark on white in either theme: many apps read nothing else. */
function QrCode({ qr: { size, path } }: { qr: TwoFactorSecret["qr"] }) {
  return (
    <svg
      role="img"
      aria-label="QR code for your authenticator app"
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-44 justify-self-center rounded-lg border border-border"
    >
      <path d={`M0 0h${size}v${size}H0z`} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
