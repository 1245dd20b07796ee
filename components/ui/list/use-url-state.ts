"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useLayoutEffect, useState } from "react";

/** `push`: Back undoes the change; otherwise it replaces the previous URL. */
export type SetUrlState = (value: string, how?: "push" | "replace") => void;

/**
 * A value of the page's query string, such as a list's search: a reload, a shared link and
 * Back restore it. The empty string is omitted from the URL. It also contains whatever a person typed into
 * the URL: the caller falls back if it is invalid.
 */
export function useUrlState(name: string): [string, SetUrlState] {
  // No stored text contains a NUL, and a request that contains one is rejected.
  const told = (useSearchParams().get(name) ?? "").replaceAll("\0", "");
  // The router reports a change with a delay: too late for a text field.
  const [own, setOwn] = useState<string | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: looks at the address whenever the router tells of it
  useLayoutEffect(() => {
    const compare = () => setOwn((kept) => (kept === (inAddress().get(name) ?? "") ? kept : null));
    // A URL with a different value was changed by Back, Forward or a link.
    compare();
    // Back right after a change: the router sees both at once, and reports neither.
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
        // Safari accepts 100 changes in ten seconds. The list is right, and the next change includes everything.
      }
    },
    [name],
  );
  return [own ?? told, set];
}

function inAddress(): URLSearchParams {
  return new URLSearchParams(window.location.search);
}
