"use client";

import { KeyRound } from "lucide-react";
import type { ComponentProps, MouseEvent } from "react";
import { Button, type ButtonProps } from "@/components/ui/button";
import type { ConnectionStanding } from "@/lib/contracts/connections/connection";
import { clickCookieName, clickParameter, newClick } from "@/lib/contracts/servers/flow-click";
import { authorizePath } from "@/lib/queries/connections";

/** Leaves for the provider's page. */
export function AuthorizeLink({
  serverId,
  serverName,
  standing: { nextStep },
  returnTo,
  account,
  label = nextStep === "authorize" ? "Authorize" : "Authorize again",
  variant = nextStep === null || nextStep === "wait" ? "secondary" : "primary",
}: {
  serverId: string;
  serverName: string;
  standing: Pick<ConnectionStanding, "nextStep">;
  /** The path in Usher to return to after the provider's response. */
  returnTo: string;
  /** `new`, `team`, or one of several. Absent: the one that calls use. */
  account?: string;
  label?: string;
  variant?: ButtonProps["variant"];
}) {
  return (
    <Button asChild variant={variant}>
      <AuthorizeAnchor serverId={serverId} returnTo={returnTo} {...(account ? { account } : {})}>
        <KeyRound aria-hidden="true" />
        <span>
          {label}
          <span className="sr-only"> {serverName}</span>
        </span>
      </AuthorizeAnchor>
    </Button>
  );
}

/** Long enough for a click to arrive, in seconds. */
const clickLifetime = 60;

/**
 * A link that starts an authorization, and proves on click that it was clicked on a page of Usher. An
 * anchor: a `<Link>` would fetch it ahead of the click.
 */
export function AuthorizeAnchor({
  serverId,
  returnTo,
  tab = false,
  opensTab = false,
  account,
  linkId,
  ...props
}: {
  serverId: string;
  /** The path in Usher to return to after the provider's response. Null: a page that shows the outcome. */
  returnTo: string | null;
  /** It ends on a page that closes its tab. */
  tab?: boolean;
  opensTab?: boolean;
  /** `other`: the provider is asked to let the person choose another one. */
  account?: string;
  /** A program asked for it and waits. */
  linkId?: string;
} & Omit<ComponentProps<"a">, "href" | "target" | "rel" | "onAuxClick">) {
  const path = authorizePath(serverId, { returnTo, tab, account, linkId });
  const { onClick, ...rest } = props;
  return (
    <a
      {...rest}
      {...(opensTab ? { target: "_blank", rel: "noopener" } : {})}
      href={path}
      onClick={(event) => {
        proveClick(event, path);
        onClick?.(event);
      }}
      onAuxClick={(event) => proveClick(event, path)}
    />
  );
}

/** Each click has its own proof, which works once. */
function proveClick({ currentTarget }: MouseEvent<HTMLAnchorElement>, path: string): void {
  const https = window.location.protocol === "https:";
  const click = newClick(crypto.getRandomValues(new Uint8Array(16)));
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
  document.cookie = `${clickCookieName(click, https)}=1; Path=/; Max-Age=${clickLifetime}; SameSite=Lax${https ? "; Secure" : ""}`;
  const url = new URL(path, window.location.origin);
  url.searchParams.set(clickParameter, click);
  currentTarget.href = url.href;
}
