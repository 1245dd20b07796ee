"use client";

import { useQuery } from "@tanstack/react-query";
import { ArrowUpRight } from "lucide-react";
import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { TryNowButton } from "@/components/connections/try-now-button";
import { Button } from "@/components/ui/button";
import { connectionQuery } from "@/lib/queries/connections";

/**
 * Beside a failed call whose provider responds for other accounts and not for this one: it may pass, or the
 * access may have ended without an error. Renders nothing otherwise.
 */
export function FailsAlone({ serverId }: { serverId: string }) {
  const { data } = useQuery(connectionQuery(serverId));
  if (data?.connection.standing.nextStep !== "wait_or_authorize") return null;
  return (
    <div className="grid gap-2 border-border border-t px-3 py-2.5">
      <p className="text-muted text-sm [overflow-wrap:anywhere]">
        {data.mayAuthorize
          ? "The provider keeps failing for this account and answers for others. Try again, or authorize again."
          : "The provider keeps failing for this account and answers for others. Try again, or ask an admin to authorize it again."}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        {data.mayAuthorize ? (
          <Button asChild size="sm">
            <AuthorizeAnchor serverId={serverId} returnTo={null} tab opensTab>
              Authorize again
              <ArrowUpRight aria-hidden="true" />
              <span className="sr-only">: {data.serverName} (opens in a new tab)</span>
            </AuthorizeAnchor>
          </Button>
        ) : null}
        <TryNowButton serverId={serverId} serverName={data.serverName} />
      </div>
    </div>
  );
}
