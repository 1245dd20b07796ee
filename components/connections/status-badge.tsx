import { Badge, type Tone } from "@/components/ui/badge";
import type { ConnectionStatus } from "@/lib/contracts/connection";

const looks: Record<ConnectionStatus, { tone: Tone; label: string }> = {
  connected: { tone: "success", label: "Connected" },
  expired: { tone: "danger", label: "Expired" },
  not_connected: { tone: "neutral", label: "Not connected" },
};

export function StatusBadge({ status }: { status: ConnectionStatus }) {
  const { tone, label } = looks[status];
  return (
    <Badge tone={tone} dot>
      {label}
    </Badge>
  );
}
