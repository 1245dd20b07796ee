import { Plus } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";

export function NewServerButton() {
  return (
    <Button asChild variant="primary">
      <Link href="/mcp-servers/new">
        <Plus aria-hidden="true" />
        New MCP Server
      </Link>
    </Button>
  );
}
