import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { listed } from "@/components/ui/list/listed";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { ProblemError } from "@/lib/queries/fetch-json";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";
import { duplicateMcpServer, switchMcpServer } from "@/lib/queries/server-actions";

/** Switches a server on, or off after a confirmation. Rejects if a dialog shows why it failed. */
export function useSwitch({ id, name }: McpServerDetail): (on: boolean) => Promise<void> {
  const queryClient = useQueryClient();
  return async (on) => {
    try {
      const detail = await switchMcpServer(id, on);
      toast.success(`${name} was switched ${on ? "on" : "off"}`);
      void mcpServerChanged(queryClient, id, detail);
    } catch (cause) {
      // The dialog that asked before switching off shows it.
      if (!on || !(cause instanceof ProblemError)) throw cause;
      toast.error(cause.message);
    }
  };
}

/** Leads to the copy. */
export function useDuplicate({ id }: McpServerDetail): () => Promise<void> {
  const queryClient = useQueryClient();
  const router = useRouter();
  return async () => {
    try {
      const copy = await duplicateMcpServer(id);
      toast.success(`${copy.name} was added`);
      void mcpServerChanged(queryClient, copy.id, copy);
      router.push(`/mcp-servers/${copy.id}`);
    } catch (cause) {
      if (!(cause instanceof ProblemError)) throw cause;
      toast.error(cause.message);
    }
  };
}

export function consequencesOfSwitchingOff({ assistants, standing }: McpServerDetail): string[] {
  const names = listed(
    assistants.map(({ name }) => name),
    5,
  );
  return [
    assistants.length > 0
      ? `${names} cannot use its tools until it is switched on.`
      : "No assistant can use its tools until it is switched on.",
    ...(standing ? ["Its accounts stay connected, and their tokens are refreshed."] : []),
  ];
}
