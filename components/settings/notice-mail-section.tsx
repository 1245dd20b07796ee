"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Callout } from "@/components/ui/callout";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Section } from "@/components/ui/section";
import type { NoticeMail } from "@/lib/contracts/notices/notice-mail";
import { changeNoticeMail, noticeMailQuery } from "@/lib/queries/account";

const choices = [
  { value: "AT_ONCE", title: "At once", description: "As soon as something needs your attention." },
  { value: "DAILY", title: "Daily", description: "What is still open at 08:00 UTC." },
  { value: "OFF", title: "Off", description: "No notices by email." },
] as const;

/** If Usher sends mail, for people who get notices. */
export function NoticeMailSection() {
  const query = useQuery(noticeMailQuery());
  const queryClient = useQueryClient();
  const { queryKey } = noticeMailQuery();
  const save = useMutation({
    mutationFn: (noticeMail: NoticeMail) => changeNoticeMail({ noticeMail }),
    onMutate: async (noticeMail) => {
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData(queryKey, { noticeMail });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
  return (
    <Section title="Notices by email" description="When something needs your attention.">
      <div className="grid gap-3">
        {save.isError ? <Callout tone="danger" title={save.error.message} announce /> : null}
        {query.data ? (
          <fieldset className="min-w-0">
            <legend className="sr-only">Notices by email</legend>
            <RadioCards<NoticeMail>
              options={choices}
              value={query.data.noticeMail}
              onValueChange={(value) => save.mutate(value)}
              columns={3}
            />
          </fieldset>
        ) : query.isError ? (
          <LoadProblem
            title="Your choice could not be loaded"
            error={query.error}
            retrying={query.isFetching}
            onRetry={() => void query.refetch()}
          />
        ) : (
          <Skeleton className="h-16 w-full" />
        )}
      </div>
    </Section>
  );
}
