import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import type { ProblemError } from "@/lib/queries/fetch-json";

/** What came of the last try; beside the buttons, so it is in sight wherever the page stands. */
export function FormProblems({
  problem,
  wrongFields,
  changedMeanwhile,
}: {
  problem: ProblemError | null;
  wrongFields: number;
  /** The server as somebody else saved it while it is edited here. */
  changedMeanwhile: McpServerDetail | null;
}) {
  if (changedMeanwhile !== null || problem?.code === "conflict") {
    return (
      <Callout
        tone="danger"
        title="Somebody else changed this server"
        announce
        action={
          <Button size="sm" onClick={() => window.location.reload()}>
            Load their version
          </Button>
        }
      >
        Your edit began before that, so it cannot be saved. Load their version and make your changes
        again.
      </Callout>
    );
  }
  if (problem) {
    return (
      <Callout tone="danger" title="It was not saved" announce>
        {problem.message}
      </Callout>
    );
  }
  if (wrongFields === 0) return null;
  return (
    <p role="alert" className="text-danger-text text-sm">
      {counted(wrongFields, "field needs", "fields need")} a correction.
    </p>
  );
}

/** What saving does beyond saving. */
export function EndsConnection({ because }: { because: string | null }) {
  if (because === null) return null;
  return (
    <Callout tone="warning" title="Saving ends the connection">
      {because} The stored tokens are dropped, and it has to be authorized again.
    </Callout>
  );
}
