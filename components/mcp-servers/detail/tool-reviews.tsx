"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { ToolReviewEntry, ToolReviewList } from "@/components/assistants/tool-review-entry";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { listed } from "@/components/ui/list/listed";
import { Section } from "@/components/ui/section";
import type { AcceptToolsInput } from "@/lib/contracts/servers/tool-policy";
import { acceptTools, toolReviewsQuery } from "@/lib/queries/mcp-server-tools";

/** Tools that the server changed or added since an admin accepted them. Renders nothing if there are none. */
export function ToolReviews({ serverId }: { serverId: string }) {
  const queryClient = useQueryClient();
  const { data } = useQuery(toolReviewsQuery(serverId));
  const { mutate, isPending, variables } = useMutation({
    mutationFn: (tools: AcceptToolsInput["tools"]) => acceptTools(serverId, { tools }),
    onSuccess: (reviews) => queryClient.setQueryData(toolReviewsQuery(serverId).queryKey, reviews),
    onError: (error) => {
      toast.error(error.message);
      void queryClient.invalidateQueries(toolReviewsQuery(serverId));
    },
  });
  const reviews = data?.reviews ?? [];
  if (reviews.length === 0) return null;
  const distinct = new Map(reviews.map(({ toolName, fingerprint }) => [toolName, fingerprint]));
  const all = [...distinct].map(([toolName, fingerprint]) => ({ toolName, fingerprint }));
  return (
    <Section
      title="Tools to review"
      description="The server changed or added them since an admin accepted its tools. Until you accept them, every call to them asks first, whatever was set before."
      actions={
        all.length > 1 ? (
          <Button size="sm" loading={isPending} onClick={() => mutate(all)}>
            Accept all
          </Button>
        ) : null
      }
    >
      <Card className="overflow-hidden">
        <ToolReviewList reviews={reviews}>
          {(review) => (
            <ToolReviewEntry
              key={`${review.toolName} ${review.assistantNames.join()}`}
              review={review}
              assistantNames={`Used by ${listed(review.assistantNames)}`}
              accepted={false}
              accepting={isPending && variables.some((each) => each.toolName === review.toolName)}
              onAccept={() =>
                mutate([{ toolName: review.toolName, fingerprint: review.fingerprint }])
              }
            />
          )}
        </ToolReviewList>
      </Card>
    </Section>
  );
}
