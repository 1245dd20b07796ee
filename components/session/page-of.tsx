"use client";

import { type ReactNode, useContext, useEffect } from "react";
import { otherPerson, TabPersonContext } from "./session-guard";

/**
 * Around each page of the workspace, with whom the server made it for. The router fetches a page alone
 * and puts it into the frame that the tab has: where the session has changed meanwhile, that is another
 * person's, and the two are never shown together.
 */
export function PageOf({
  user: { id, email },
  children,
}: {
  user: { id: string; email: string };
  children: ReactNode;
}) {
  const tab = useContext(TabPersonContext);
  const isOurs = tab?.person.id === id;
  useEffect(() => {
    if (!isOurs) tab?.end(otherPerson(email));
  }, [isOurs, tab, email]);
  return isOurs ? children : null;
}
