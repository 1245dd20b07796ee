import { KeyRound } from "lucide-react";
import { Button, type ButtonProps } from "@/components/ui/button";
import type { ConnectionStanding } from "@/lib/contracts/connections/connection";
import { AuthorizeAnchor } from "./authorize-anchor";

/** Leaves for the provider's page. */
export function AuthorizeLink({
  serverId,
  serverName,
  standing: { nextStep },
  returnTo,
  size,
  variant = nextStep === null || nextStep === "wait" ? "secondary" : "primary",
}: {
  serverId: string;
  serverName: string;
  standing: ConnectionStanding;
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
          {nextStep === "authorize" ? "Authorize" : "Authorize again"}
          <span className="sr-only"> {serverName}</span>
        </span>
      </AuthorizeAnchor>
    </Button>
  );
}
