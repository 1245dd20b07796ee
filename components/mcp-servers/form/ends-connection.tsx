import { Callout } from "@/components/ui/callout";

/** What saving does beyond saving. */
export function EndsConnection({ because, keys }: { because: string | null; keys: boolean }) {
  if (because === null) return null;
  if (keys) {
    return (
      <Callout tone="warning" title="Saving deletes people’s keys">
        {because} Their keys are deleted, and each person is asked again.
      </Callout>
    );
  }
  return (
    <Callout tone="warning" title="Saving ends the connection">
      {because} The stored tokens are deleted, and the server must be authorized again.
    </Callout>
  );
}
