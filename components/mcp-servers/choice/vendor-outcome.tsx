import { Asking } from "@/components/mcp-servers/discovery/asking";
import { outcomeWords } from "@/components/mcp-servers/discovery/outcome-words";
import type { DiscoveryEnd, DiscoveryRun } from "@/components/mcp-servers/discovery/use-discovery";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";

/** The outcome of asking the vendor's server, and what to do if it did not answer as expected. */
export function VendorOutcome({
  server,
  run: { url, lines, end },
  onAgain,
  onEditEverything,
}: {
  server: VendorServer;
  run: DiscoveryRun;
  onAgain: () => void;
  onEditEverything: () => void;
}) {
  if (end === null) return <Asking url={url} lines={lines} />;
  if (end.outcome === "oauth") {
    const { tone, title } = outcomeWords(url, asKnown(server, end), { kept: [], undoable: true });
    return <Callout tone={tone} title={title} announce />;
  }
  return (
    <Callout
      tone="danger"
      title={`${server.name} did not answer as expected`}
      announce
      action={
        <>
          <Button size="sm" variant="ghost" onClick={onEditEverything}>
            Edit everything
          </Button>
          <Button size="sm" onClick={onAgain}>
            Try again
          </Button>
        </>
      }
    >
      {reasonOf(end)}
    </Callout>
  );
}

/** Some publish a registration that accepts only approved clients. */
function asKnown(
  { registration }: VendorServer,
  end: Extract<DiscoveryEnd, { outcome: "oauth" }>,
): DiscoveryEnd {
  if (registration !== "PRE_REGISTERED") return end;
  return { ...end, settings: { ...end.settings, registration } };
}

function reasonOf(end: Exclude<DiscoveryEnd, { outcome: "oauth" }>): string {
  switch (end.outcome) {
    case "open":
      return "It answered without a sign-in, although OAuth was expected.";
    case "cancelled":
      return "Stopped.";
    case "broken":
    case "failed":
    case "credential":
      return end.reason;
    default:
      return end satisfies never;
  }
}
