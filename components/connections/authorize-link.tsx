import { KeyRound } from "lucide-react";
import { Button, type ButtonProps } from "@/components/ui/button";
import type { ConnectionStatus } from "@/lib/contracts/connection";
import { AuthorizeAnchor } from "./authorize-anchor";

/** Leaves for the provider's page. */
export function AuthorizeLink({
  serverId,
  serverName,
  status,
  returnTo,
  size,
  variant = status === "connected" ? "secondary" : "primary",
}: {
  serverId: string;
  serverName: string;
  status: ConnectionStatus;
  /** A path of ours where the provider's answer leads back to. */
  returnTo: string;
  size?: ButtonProps["size"];
  variant?: ButtonProps["variant"];
}) {
  return (
    <Button asChild variant={variant} size={size}>
      <AuthorizeAnchor serverId={serverId} returnTo={returnTo}>
        <KeyRound aria-hidden="true" />
        <span>
          {status === "not_connected" ? "Authorize" : "Authorize again"}
          <span className="sr-only"> {serverName}</span>
        </span>
      </AuthorizeAnchor>
    </Button>
  );
}
