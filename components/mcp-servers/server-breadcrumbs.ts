import type { Breadcrumb } from "@/components/ui/page-header";

export const serverBreadcrumbs: readonly Breadcrumb[] = [
  { label: "MCP Servers", href: "/mcp-servers" },
];
