import { useUrlPages } from "@/components/ui/list/use-loaded-pages";
import { useUrlState } from "@/components/ui/list/use-url-state";
import type {
  ConnectionSort,
  ShownConnections,
} from "@/lib/contracts/connections/connection-console";

export const shownOptions: readonly { value: ShownConnections; label: string }[] = [
  { value: "all", label: "All" },
  { value: "failing", label: "Failing" },
  { value: "needs_authorization", label: "Needs authorization" },
  { value: "expiring", label: "Expiring, can’t renew" },
  { value: "unused_30", label: "Unused for 30 days" },
  { value: "unused_90", label: "Unused for 90 days" },
  { value: "disabled", label: "Owner disabled" },
];

export const sortOptions: readonly { value: ConnectionSort; label: string }[] = [
  { value: "newest", label: "Newest first" },
  { value: "person", label: "By person" },
  { value: "server", label: "By MCP server" },
  { value: "used", label: "Longest unused" },
  { value: "ends", label: "Ends soonest" },
];

/** What the console shows, kept in the address. */
export function useConsoleView() {
  const [search, setSearch] = useUrlState("search");
  const [show, setShow] = useUrlState("show");
  const [sort, setSort] = useUrlState("sort");
  const [person, setPerson] = useUrlState("person");
  const [server, setServer] = useUrlState("server");
  const [pages, setPages] = useUrlPages("pages");
  const again = (change: () => void) => {
    change();
    setPages(1);
  };
  return {
    ...{ search, person, server, pages, setPages },
    show: shownOptions.find(({ value }) => value === show)?.value ?? "all",
    sort: sortOptions.find(({ value }) => value === sort)?.value ?? "newest",
    setSearch: (value: string) => again(() => setSearch(value)),
    setShow: (value: string) => again(() => setShow(value === "all" ? "" : value, "push")),
    setSort: (value: string) => again(() => setSort(value === "newest" ? "" : value, "push")),
    clearPerson: () => again(() => setPerson("", "push")),
    clearServer: () => again(() => setServer("", "push")),
    clear: () =>
      again(() => {
        for (const set of [setSearch, setShow, setPerson, setServer]) set("");
      }),
  };
}
export type ConsoleView = ReturnType<typeof useConsoleView>;
