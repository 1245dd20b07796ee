"use client";

import { type ComponentProps, useEffect, useRef } from "react";

/**
 * For forms that a server renders. What was submitted before the page's JavaScript ran is sent as soon
 * as the form can respond; the root layout's script has kept the browser from reloading the page.
 * With POST, so that a browser without JavaScript puts no field into the URL.
 */
export function Form(props: Omit<ComponentProps<"form">, "ref" | "method">) {
  const element = useRef<HTMLFormElement & { submittedEarly?: boolean }>(null);
  useEffect(() => {
    if (!element.current?.submittedEarly) return;
    element.current.submittedEarly = false;
    element.current.requestSubmit();
  }, []);
  return <form ref={element} method="post" {...props} />;
}
