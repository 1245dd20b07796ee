"use client";

import { useQuery } from "@tanstack/react-query";
import { BellRing, CircleCheck } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { noticeWords, type OpenNotice } from "@/lib/contracts/notices/open-notice";
import { noticesQuery } from "@/lib/queries/notices";

export function NoticesPage() {
  return (
    <Page>
      <PageHeader
        title="Notices"
        description="What needs your attention. A notice closes when its cause is fixed."
      />
      <Notices />
    </Page>
  );
}

function Notices() {
  const query = useQuery(noticesQuery());
  if (query.data?.notices.length === 0) {
    return (
      <EmptyState icon={<CircleCheck />} title="You’re all caught up">
        Anything that needs your attention appears here, such as an account to authorize.
      </EmptyState>
    );
  }
  if (query.data) {
    return (
      <ul className="divide-y divide-border rounded-lg border border-border">
        {query.data.notices.map((notice) => (
          <NoticeRow key={`${notice.kind}/${notice.serverId}`} notice={notice} />
        ))}
      </ul>
    );
  }
  if (query.isError) {
    return (
      <LoadProblem
        title="The notices could not be loaded"
        error={query.error}
        retrying={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    );
  }
  return (
    <div className="grid gap-3" role="status">
      <span className="sr-only">Loading</span>
      {["w-64", "w-44"].map((width) => (
        <Skeleton key={width} className={width} />
      ))}
    </div>
  );
}

function NoticeRow({ notice }: { notice: OpenNotice }) {
  const { title, text, action, href } = noticeWords(notice);
  return (
    <li className="flex gap-4 px-4 py-3">
      <BellRing aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-faint" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-56">
          <h2 className="font-medium text-sm [overflow-wrap:anywhere]">{title}</h2>
          <p className="text-muted text-sm">{text}</p>
          {notice.openedAt ? (
            <p className="text-faint text-xs">
              Opened <RelativeTime value={notice.openedAt} />
            </p>
          ) : null}
        </div>
        <Button asChild size="sm">
          <Link href={href}>
            {action}
            <span className="sr-only"> {notice.serverName ?? title}</span>
          </Link>
        </Button>
      </div>
    </li>
  );
}
