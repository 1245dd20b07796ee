"use client";

import { Plus } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { AccountName } from "@/components/connections/account-name";
import { ConnectionDetail } from "@/components/connections/connection-detail";
import { KeyButton } from "@/components/connections/key-button";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { newAccount } from "@/lib/contracts/connections/asked-account";
import type { ConnectionListItem } from "@/lib/contracts/connections/connection";
import { isManagedByOrganization, isStored } from "@/lib/contracts/connections/connection-standing";
import { AccountList } from "./accounts/account-list";
import { AddAccountLink } from "./accounts/add-account-link";
import { AuthorizeAnchor, AuthorizeLink } from "./authorize-link";
import { ConnectionProblem } from "./connection-problem";
import { DisconnectButton } from "./disconnect-button";
import { ScopeList } from "./scope-list";
import { StatusBadge } from "./status-badge";

function Row({
  item,
  actions,
  mayChoose = false,
  mayChange = true,
  asked = false,
}: {
  item: ConnectionListItem;
  actions?: ReactNode;
  /** It is the viewer's own account. */
  mayChoose?: boolean;
  /** False: they read only. */
  mayChange?: boolean;
  /** A link leads to it. */
  asked?: boolean;
}) {
  const { serverName, description, connection } = item;
  const { standing, scope, lastUsedAt, accounts = 1 } = connection;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (asked) row.current?.scrollIntoView({ block: "center" });
  }, [asked]);
  return (
    <li ref={row} className={cn("grid gap-3 px-4 py-3.5", asked && "bg-accent-subtle")}>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 flex-1 basis-72 gap-1">
          <div className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1">
            <h3 className="min-w-0 font-medium text-base [overflow-wrap:anywhere]">{serverName}</h3>
            <StatusBadge status={standing.status} from={sourceOf(item)} />
            <span className="text-muted text-xs">
              <ConnectionDetail connection={connection} />
            </span>
          </div>
          {description ? (
            <p className="max-w-[68ch] text-muted text-sm [overflow-wrap:anywhere]">
              {description}
            </p>
          ) : null}
          {mayChoose && accounts > 1 ? null : <AccountFact item={item} mayChoose={mayChoose} />}
          {scope ? (
            <Fact label="Scopes">
              <ScopeList scope={scope} />
            </Fact>
          ) : null}
          {isStored(standing) && accounts === 1 ? (
            <Fact label="Last used">
              {lastUsedAt ? <RelativeTime value={lastUsedAt} tense="past" /> : "Never"}
            </Fact>
          ) : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
      {mayChoose && accounts > 1 ? (
        <AccountList
          {...{ serverId: item.serverId, serverName, count: accounts }}
          otherAccount={connection.isTeams ? null : connection.otherAccount}
          returnTo={connectionsPath(item.serverId)}
        />
      ) : (
        <ConnectionProblem
          connection={connection}
          serverId={item.serverId}
          serverName={serverName}
          mayRetry={mayChange}
        />
      )}
    </li>
  );
}

/** The only account, by its name at the provider. */
function AccountFact({ item, mayChoose }: { item: ConnectionListItem; mayChoose: boolean }) {
  const { serverId, serverName, tokenSharing, connection } = item;
  const { accountName, isTeams } = connection;
  const returnTo = mayChoose ? connectionsPath(serverId) : null;
  const mayAdd = returnTo !== null && tokenSharing === "PER_USER" && isStored(connection.standing);
  if (accountName === null && !mayAdd) return null;
  return (
    <Fact label={isTeams ? "Team account" : "Account"}>
      <span className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <AccountName {...{ serverId, serverName, connection, returnTo }} />
        {mayAdd && !connection.personalKey ? (
          <AddAccountLink
            {...{ serverId, serverName, returnTo }}
            // "Use another account" says where to sign out.
            otherAccount={accountName === null ? connection.otherAccount : null}
          />
        ) : null}
      </span>
    </Fact>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="mt-1 flex items-baseline gap-2 text-xs">
      <span className="shrink-0 text-muted">{label}</span>
      {children}
    </div>
  );
}

/** The page, with the server that the person comes back from. */
export function connectionsPath(serverId: string): string {
  return `/connections?${new URLSearchParams({ server: serverId })}`;
}

export function OwnConnectionRow({
  item,
  mayChange,
  asked,
}: {
  item: ConnectionListItem;
  mayChange: boolean;
  asked: boolean;
}) {
  const { serverId, serverName, connection } = item;
  const { personalKey } = connection;
  const { accounts = 1 } = connection;
  if (accounts > 1 && mayChange) {
    return (
      <Row
        {...{ item, asked }}
        mayChoose
        actions={
          connection.isTeams ? null : (
            <Button asChild>
              <AuthorizeAnchor
                serverId={serverId}
                returnTo={connectionsPath(serverId)}
                account={newAccount}
              >
                <Plus aria-hidden="true" />
                <span>
                  Add account<span className="sr-only"> at {serverName}</span>
                </span>
              </AuthorizeAnchor>
            </Button>
          )
        }
      />
    );
  }
  // There is nothing to authorize or disconnect.
  const isManaged = isManagedByOrganization(item.tokenSharing, connection);
  if (!mayChange) return <Row item={item} mayChange={false} asked={asked} />;
  return (
    <Row
      item={item}
      mayChoose
      asked={asked}
      actions={
        <>
          {isStored(connection.standing) && !isManaged ? (
            <DisconnectButton
              serverId={serverId}
              serverName={serverName}
              ofKey={personalKey !== null}
              byOrganization={item.tokenSharing === "ORGANIZATION"}
            />
          ) : null}
          {isManaged ? null : personalKey ? (
            <KeyButton
              serverId={serverId}
              serverName={serverName}
              standing={connection.standing}
              personalKey={personalKey}
            />
          ) : (
            <AuthorizeLink
              serverId={serverId}
              serverName={serverName}
              standing={connection.standing}
              returnTo={connectionsPath(serverId)}
            />
          )}
        </>
      }
    />
  );
}

function sourceOf(item: ConnectionListItem): "consent" | "key" | "organization" {
  if (item.connection.personalKey !== null) return "key";
  return isManagedByOrganization(item.tokenSharing, item.connection) ? "organization" : "consent";
}

/** Read-only: admins change a shared account on the server's page. */
export function SharedConnectionRow({
  item,
  actions,
}: {
  item: ConnectionListItem;
  actions?: ReactNode;
}) {
  return <Row item={item} actions={actions} />;
}
