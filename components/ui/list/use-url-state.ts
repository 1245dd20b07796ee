"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useLayoutEffect, useState } from "react";

/** `push`: Back undoes the change; else it takes the place of the address before. */
export type SetUrlState = (value: string, how?: "push" | "replace") => void;

/**
 * A value of the page's query string, such as what a list is searched for: a reload, a shared link and
 * Back bring it again. The empty string is left out of the address. What somebody typed into the
 * address is in it as well: the caller falls back where it makes no sense.
 */
export function useUrlState(name: string): [string, SetUrlState] {
  // No stored text has a NUL, and a request that asks for one is refused.
  const told = (useSearchParams().get(name) ?? "").replaceAll("\0", "");
  // The router tells a change a moment later: too late for a field that one types into.
  const [own, setOwn] = useState<string | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: looks at the address whenever the router tells of it
  useLayoutEffect(() => {
    const compare = () => setOwn((kept) => (kept === (inAddress().get(name) ?? "") ? kept : null));
    // An address that says something else was changed by Back, Forward or a link.
    compare();
    // Back right after a change: the router sees both at once, and tells of neither.
    window.addEventListener("popstate", compare);
    return () => window.removeEventListener("popstate", compare);
  }, [told, name]);

  const set = useCallback<SetUrlState>(
    (value, how = "replace") => {
      setOwn(value);
      const query = inAddress();
      if (value) query.set(name, value);
      else query.delete(name);
      const search = query.size > 0 ? `?${query}` : "";
      const address = window.location.pathname + search + window.location.hash;
      try {
        window.history[`${how}State`](null, "", address);
      } catch {
        // Safari takes 100 changes in ten seconds. The list is right, and the next change tells all.
      }
    },
    [name],
  );
  return [own ?? told, set];
}

function inAddress(): URLSearchParams {
  return new URLSearchParams(window.location.search);
}
