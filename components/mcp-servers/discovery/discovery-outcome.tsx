import type { FoundSettings } from "@/components/mcp-servers/discovery/use-discovery";
import { Button } from "@/components/ui/button";
import { Callout, type CalloutProps } from "@/components/ui/callout";
import { InlineCode } from "@/components/ui/text/code-block";
import type { RegistrationMode } from "@/lib/contracts/servers/oauth-client";
import { parseUrl } from "@/lib/parse-url";
import type { KeptValue } from "./discovered-values";
import type { DiscoveryEnd } from "./use-discovery";

/** How it ended, what that did to the form, and what can be done about it. */
export function DiscoveryOutcome({
  end,
  found,
  onReplace,
  onUndo,
  onAgain,
  onCorrect,
}: {
  end: DiscoveryEnd;
  found: FoundSettings | null;
  onReplace: () => void;
  onUndo: () => void;
  onAgain: () => void;
  onCorrect: (url: string) => void;
}) {
  const again = (
    <Button size="sm" onClick={onAgain}>
      Try again
    </Button>
  );
  if (end.outcome === "cancelled") {
    return (
      <Callout title="Discovery stopped" action={again}>
        Nothing in the form was changed.
      </Callout>
    );
  }
  if (end.outcome === "broken" || end.outcome === "failed") {
    const correctedUrl = end.outcome === "failed" ? end.correctedUrl : undefined;
    return (
      <Callout
        tone="danger"
        title={end.outcome === "broken" ? "Usher could not be reached" : "No settings found"}
        action={
          correctedUrl === undefined ? (
            again
          ) : (
            <Button size="sm" variant="primary" onClick={() => onCorrect(correctedUrl)}>
              Use this URL
            </Button>
          )
        }
      >
        {end.reason}{" "}
        {correctedUrl === undefined ? null : (
          <InlineCode className="text-2xs">{correctedUrl}</InlineCode>
        )}{" "}
        Nothing in the form was changed.
      </Callout>
    );
  }
  if (end.outcome === "credential") {
    return (
      <Callout
        tone="warning"
        title="Is it an API key?"
        action={found?.undoable ? <Undo onUndo={onUndo} /> : again}
      >
        {end.reason}
        {found?.undoable ? " Authentication was set to Headers." : ""}
      </Callout>
    );
  }
  const { tone, title, next } = wordsOf(end, found);
  const keeps = found !== null && found.kept.length > 0;
  return (
    <Callout
      tone={keeps ? "warning" : tone}
      title={title}
      action={
        keeps ? (
          <>
            <Button size="sm" onClick={onReplace}>
              Use found settings
            </Button>
            {found.undoable ? <Undo onUndo={onUndo} /> : null}
          </>
        ) : found?.undoable ? (
          <Undo onUndo={onUndo} />
        ) : null
      }
    >
      {next || keeps ? (
        <>
          {next}
          {keeps ? <KeptValues kept={found.kept} /> : null}
        </>
      ) : null}
    </Callout>
  );
}

function Undo({ onUndo }: { onUndo: () => void }) {
  return (
    <Button size="sm" onClick={onUndo}>
      Undo
    </Button>
  );
}

function KeptValues({ kept }: { kept: readonly KeptValue[] }) {
  return (
    <div className="mt-2 grid gap-1.5 text-xs">
      <p>Your values were kept where discovery found something else:</p>
      <dl className="grid gap-1.5">
        {kept.map(({ label, own, found }) => (
          <div key={label}>
            <dt className="font-medium text-text">{label}</dt>
            <dd className="whitespace-pre-line">Yours: {own}</dd>
            <dd className="whitespace-pre-line">Found: {found}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

type Words = { tone: NonNullable<CalloutProps["tone"]>; title: string; next: string };

function wordsOf(
  end: Extract<DiscoveryEnd, { outcome: "oauth" | "open" }>,
  found: FoundSettings | null,
): Words {
  const filled = found?.undoable ?? false;
  if (end.outcome === "open") {
    return {
      tone: "success",
      title: "The server requires no authentication",
      next: filled ? "Authentication was set to None." : "",
    };
  }
  const { registration, issuer } = end.settings;
  const host = parseUrl(issuer)?.host ?? issuer;
  const title = filled
    ? "OAuth 2.0 was found and filled in below"
    : found === null
      ? "OAuth 2.0 was found; your settings are restored"
      : "OAuth 2.0 was found";
  const { s256Confirmed, issuerAlias } = end.settings;
  if (s256Confirmed === false || issuerAlias !== undefined) {
    const what = [
      s256Confirmed === false ? "This provider supports S256" : null,
      issuerAlias !== undefined ? "Use this issuer" : null,
    ].filter((each) => each !== null);
    return {
      tone: "warning",
      title,
      next: `Confirm below, if it is so: ${what.join(" and ")}.`,
    };
  }
  if (registration === "PRE_REGISTERED") {
    return {
      tone: "warning",
      title,
      next: `One step left: register a client at ${host} with the callback URL below, and enter its client ID and secret.`,
    };
  }
  return {
    tone: "success",
    title,
    next: `Save, then authorize. ${automatically[registration](host)}`,
  };
}

const automatically = {
  DYNAMIC: (host: string) => `Usher registers with ${host} automatically.`,
  METADATA_DOCUMENT: (host: string) => `${host} reads Usher’s metadata document.`,
} as const satisfies Record<Exclude<RegistrationMode, "PRE_REGISTERED">, (host: string) => string>;
