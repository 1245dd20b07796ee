import type { DiscoveryEnd } from "@/components/mcp-servers/discovery/use-discovery";
import type { FoundSettings } from "@/components/mcp-servers/discovery/use-found-settings";
import { grantTypeNames } from "@/components/mcp-servers/registration-words";
import type { CalloutProps } from "@/components/ui/callout";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";
import type { RegistrationMode } from "@/lib/contracts/servers/oauth-client";
import { parseUrl } from "@/lib/parse-url";

/** A field of the form that the next action leads to. */
export type NextField =
  | "oauth.clientId"
  | "oauth.issuerAccepted"
  | "oauth.s256Confirmed"
  | "headers";

/** The one thing to do next. `add`: nothing is left to enter. */
export type NextAction =
  | { do: "add" }
  | { do: "enter"; label: string; field: NextField }
  | { do: "again" }
  | { do: "correct"; url: string };

export type OutcomeWords = {
  tone: NonNullable<CalloutProps["tone"]>;
  /** One sentence: what was found, and what that leaves to do. */
  title: string;
  /** More of it; "": nothing. */
  detail: string;
  next: NextAction | null;
  /** The checklist says what to do about it. */
  opensChecklist: boolean;
};

const UNCHANGED = "Nothing in the form was changed.";

/** The outcome of a discovery of `url`, and what comes next. */
export function outcomeWords(
  url: string,
  end: DiscoveryEnd,
  found: FoundSettings | null,
): OutcomeWords {
  const quiet = { detail: "", opensChecklist: false };
  switch (end.outcome) {
    case "cancelled":
      return {
        ...quiet,
        ...{ tone: "info", title: "Discovery stopped", detail: UNCHANGED, next: { do: "again" } },
      };
    case "broken":
      return {
        ...quiet,
        ...{ tone: "danger", title: "Usher could not be reached", next: { do: "again" } },
        detail: `${end.reason} ${UNCHANGED}`,
      };
    case "failed": {
      const { reason, correctedUrl } = end;
      return {
        ...{ tone: "danger", title: "No settings found", opensChecklist: true },
        ...(correctedUrl === undefined
          ? { detail: `${reason} ${UNCHANGED}`, next: { do: "again" } }
          : { detail: reason, next: { do: "correct", url: correctedUrl } }),
      };
    }
    case "credential":
      return {
        ...quiet,
        ...{ tone: "warning", title: `${hostOf(url)} requires a credential. Is it an API key?` },
        detail: "It publishes no OAuth. Enter the key as a header; its documentation says which.",
        next: found?.undoable
          ? { do: "enter", label: "Enter the key", field: "headers" }
          : { do: "again" },
      };
    case "open":
      return {
        ...quiet,
        ...{ tone: "success", title: `${hostOf(url)} needs no sign-in: nothing to enter.` },
        next: kept(found) ? null : { do: "add" },
      };
    case "oauth":
      return withGrants(end, { ...quiet, ...oauthWords(end.settings, found) });
    default:
      return end satisfies never;
  }
}

/** That no one has to consent there, if an admin chooses it, or that no one can. */
function withGrants(
  { identityAssertion, settings }: Extract<DiscoveryEnd, { outcome: "oauth" }>,
  words: OutcomeWords,
): OutcomeWords {
  const { supported, issued } = identityAssertion;
  const { grantType } = settings;
  const organization =
    issued?.supported === "no"
      ? `It accepts identity assertions (ID-JAGs), but ${issued.provider} issues none.`
      : "It accepts your organization’s sign-in: see Token Sharing.";
  const hints = [
    grantType ? `People cannot consent there. It offers: ${grantTypeNames[grantType]}.` : "",
    supported === "yes" ? organization : "",
  ];
  return { ...words, detail: [words.detail, ...hints].filter(Boolean).join(" ") };
}

function oauthWords(
  settings: DiscoveredSettings,
  found: FoundSettings | null,
): Pick<OutcomeWords, "tone" | "title" | "next"> & Partial<OutcomeWords> {
  const at = `OAuth 2.0 found at ${hostOf(settings.issuer)}.`;
  if (found === null)
    return { tone: "info", title: `${at} Your settings are restored.`, next: null };
  if (kept(found)) {
    return { tone: "warning", title: `${at} Your own values were kept.`, next: null };
  }
  const decisions = decisionsIn(settings);
  const [first] = decisions;
  if (first) {
    const labels = decisions.map(({ label }) => label).join(" and ");
    return {
      ...{ tone: "warning", title: `${at} Your decision is needed: ${labels}.` },
      ...{ next: { do: "enter", label: "Decide", field: first.field }, opensChecklist: true },
    };
  }
  return settings.registration === "PRE_REGISTERED"
    ? {
        ...{ tone: "warning", title: `${at} Create an OAuth app there, and enter its client ID.` },
        next: { do: "enter", label: "Enter client ID", field: "oauth.clientId" },
      }
    : {
        ...{ tone: "success", title: `${at} ${byItself[settings.registration]}` },
        next: { do: "add" },
      };
}

/** What discovery may not decide alone, in the form's order. */
function decisionsIn({ issuerAlias, s256Confirmed }: DiscoveredSettings) {
  const issuer = { label: "Use this issuer", field: "oauth.issuerAccepted" as const };
  const s256 = { label: "This provider supports S256", field: "oauth.s256Confirmed" as const };
  return [
    ...(issuerAlias === undefined ? [] : [issuer]),
    ...(s256Confirmed === undefined ? [] : [s256]),
  ];
}

const byItself = {
  DYNAMIC: "Usher registers itself: nothing to enter.",
  METADATA_DOCUMENT: "It reads Usher’s metadata document: nothing to enter.",
} as const satisfies Record<Exclude<RegistrationMode, "PRE_REGISTERED">, string>;

function kept(found: FoundSettings | null): boolean {
  return found !== null && found.kept.length > 0;
}

function hostOf(url: string): string {
  return parseUrl(url)?.host ?? url;
}
