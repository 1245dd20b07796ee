import { Card, CardHeader } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { ServerHealth } from "@/lib/contracts/servers/health";

/** For a server that needs no account: all that can be said is whether it answers. */
export function HealthCard({ health }: { health: ServerHealth }) {
  const { answeredAt, failedAt, error } = health;
  return (
    <Card>
      <CardHeader title="Health" description="From tool calls and connection tests" />
      <DefinitionList
        items={[
          {
            term: "Last answer",
            value: answeredAt ? <RelativeTime value={answeredAt} tense="past" /> : "None yet",
          },
          {
            term: "Last error",
            value: failedAt ? (
              <>
                <RelativeTime value={failedAt} tense="past" />
                {error ? <p className="text-muted">{error}</p> : null}
              </>
            ) : (
              "None"
            ),
          },
        ]}
      />
    </Card>
  );
}
