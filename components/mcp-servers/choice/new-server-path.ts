/** The choice on a new server's page. `url` may be empty: it is entered there. So may `registry`: it is searched. */
export type NewServerChoice =
  | { server: string; by?: "hand" }
  | { url: string }
  | { by: "hand" }
  | { registry: string; by?: "hand" };

export function newServerPath(choice: NewServerChoice): string {
  return `/mcp-servers/new?${new URLSearchParams(choice)}`;
}
