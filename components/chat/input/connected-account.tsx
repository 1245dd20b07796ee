"use client";

import { useQuery } from "@tanstack/react-query";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { OtherAccount } from "@/components/connections/account-name";
import { accountUsed } from "@/lib/contracts/servers/kinds";
import { connectedAccountQuery } from "@/lib/queries/connections";
import { oneLine } from "@/lib/untrusted-text";

/** The account that a card has led to, so that a wrong one is noticed at once. Empty if it is unknown. */
export function ConnectedAccount({
  serverId,
  serverName,
  actingAs,
}: {
  serverId: string;
  serverName: string;
  /** The account that the card was for, in words, if the person may have several. */
  actingAs: string | undefined;
}) {
  const { detail } = useOpenConversation();
  const { data } = useQuery(connectedAccountQuery(serverId));
  if (data?.connection.accounts !== undefined && actingAs !== undefined) {
    return (
      <>
        {" · "}
        <bdi className="text-text">{actingAs}</bdi>
      </>
    );
  }
  if (!data?.connection.accountName) return null;
  const { accountName, otherAccount } = data.connection;
  const isOwn = accountUsed(data.tokenSharing) === "person";
  return (
    <>
      {" as "}
      <bdi className="text-text">{oneLine(accountName)}</bdi>{" "}
      {otherAccount && isOwn ? (
        <OtherAccount
          serverId={serverId}
          serverName={serverName}
          otherAccount={otherAccount}
          returnTo={`/chat/${detail.id}`}
          inTab
        />
      ) : null}
    </>
  );
}
