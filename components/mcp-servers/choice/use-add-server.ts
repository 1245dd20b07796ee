import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { FieldPath, UseFormReturn } from "react-hook-form";
import { toast } from "sonner";
import type { VendorServerAnswers } from "@/lib/contracts/catalogue/vendor-server-input";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { ProblemError } from "@/lib/queries/fetch-json";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";
import { saveMcpServer } from "@/lib/queries/server-form";

/** What the short form asks, under the API's names. */
const asked: Readonly<Record<string, FieldPath<VendorServerAnswers>>> = {
  name: "name",
  headers: "key",
  "oauth.clientId": "clientId",
  "oauth.clientSecret": "clientSecret",
};

/** Saves a new server and goes to its page. */
export function useAddServer() {
  const queryClient = useQueryClient();
  const router = useRouter();
  /** What the API said about fields that are not asked. */
  const [problem, setProblem] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);

  function refuse(error: unknown, form: Pick<UseFormReturn<VendorServerAnswers>, "setError">) {
    if (!(error instanceof ProblemError)) throw error;
    const told = Object.entries(error.fields);
    for (const [path, message] of told) {
      const field = asked[path];
      if (field) form.setError(field, { type: "server", message });
    }
    const others = told.filter(([path]) => asked[path] === undefined);
    if (told.length === 0) setProblem(error.message);
    else if (others.length > 0) setProblem(others.map(([, message]) => message).join(" "));
  }

  /** @returns whether it was saved */
  async function save(
    input: McpServerInput,
    form: Pick<UseFormReturn<VendorServerAnswers>, "setError">,
  ): Promise<boolean> {
    setProblem(null);
    try {
      const detail = await saveMcpServer(null, input);
      setSaved(true);
      toast.success(`${detail.name} was added`);
      void mcpServerChanged(queryClient, detail.id, detail);
      router.replace(`/mcp-servers/${detail.id}`);
      return true;
    } catch (error) {
      refuse(error, form);
      return false;
    }
  }

  return { problem, saved, save };
}
