import { Badge } from "@/components/ui/badge";
import type { ConnectionStanding } from "@/lib/contracts/connections/connection";
import { statusLooks } from "./standing-words";

export function StatusBadge({ status }: Pick<ConnectionStanding, "status">) {
  const { tone, label } = statusLooks[status];
  return (
    <Badge tone={tone} dot>
      {label}
    </Badge>
  );
}
