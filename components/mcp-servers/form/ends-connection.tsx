import type { EndedConnection } from "@/components/mcp-servers/form/stored-secrets";
import { Callout } from "@/components/ui/callout";

/** The side effects of saving. */
export function EndsConnection({ ends }: { ends: EndedConnection | null }) {
  if (ends === null) return null;
  const { title, next } = words[ends.what];
  return (
    <Callout tone="warning" title={title}>
      {ends.because} {next}
    </Callout>
  );
}

const words = {
  keys: {
    title: "Saving deletes people’s keys",
    next: "Their keys are deleted, and each person is asked again.",
  },
  everything: {
    title: "Saving ends the connection",
    next: "The stored tokens are deleted, and the server must be authorized again.",
  },
  team: {
    title: "Saving disconnects the team’s account",
    next: "Its tokens are revoked. People’s own accounts stay connected.",
  },
} as const satisfies Record<EndedConnection["what"], { title: string; next: string }>;
